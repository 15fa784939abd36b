"""Early figures on photos that are not trained on: how near is the style, and does the scene stay."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from multitoon.checkpoint import save_adapter
from multitoon.data.sampler import step_generator
from multitoon.data.style_pictures import StyleCropConfig, StylePictures, style_crops
from multitoon.image import pixels_to_float
from multitoon.losses.content import content_loss
from multitoon.losses.detail import detail_loss
from multitoon.losses.distill import distillation
from multitoon.model.toon import StyledBackbone
from multitoon.train.feature_terms import FeatureTerms
from multitoon.train.pairs import HeldOut

STYLE_CROPS = 48
"""Crops of the style's pictures whose mean Gram matrices stand for the style."""
SIDE = 160
"""Pixels of the middle of each photo that are looked at."""
READABLE = 0.5
"""Content distance up to which a scene is still the photo's: half of that between two photos."""
FILE = "figures.json"


class Figures:
    """Figures of one style at each checkpoint, and the adapter that has the best ones.

    With features and pictures of the style:

    - `style_distance`: mean |G(toons) - G(style)| of mean gray Gram matrices, as a share of the photos' own
      distance: 1 is as far from the style as a photo.
    - `content_distance`: the content loss between toon and photo, as a share of that between two photos.

    Without: `distill` and `detail`, the losses against the held-out targets.

    `score`, the lower the better, is the style distance, and what the content distance has above `READABLE`;
    without style the sum of the two losses. Small sets make these figures coarse: they are for choosing, not
    for reporting.
    """

    def __init__(
        self,
        style: str,
        held_out: HeldOut,
        pictures: StylePictures | None,
        crops: StyleCropConfig,
        features: FeatureTerms | None,
    ) -> None:
        self.style = style
        self._photos = pixels_to_float(center(held_out.photos, SIDE))
        self._targets = pixels_to_float(center(held_out.targets, SIDE))
        self._features = features
        self._grams: dict[str, Tensor] | None = None
        if features is not None and pictures is not None and len(self._photos) > 1:
            side = self._photos.shape[-1]
            generator = step_generator(0, 0)
            drawn = [style_crops(pictures, 1, side, crops, generator) for _ in range(STYLE_CROPS)]
            with torch.no_grad():
                self._grams = self._mean_grams(torch.cat(drawn))
                self._photo_style = self._style_distance(self._photos)
                self._other_photo = float(self._content(self._photos, self._photos.roll(1, 0)))

    @torch.no_grad()
    def __call__(self, net: StyledBackbone) -> dict[str, float]:
        """The figures of `net` with the style at strength 1."""
        network = net.merged(self.style).to(self._photos)
        toons = torch.cat([network(photo[None]) for photo in self._photos]).clamp(-1, 1)
        if self._grams is None:
            figures = {
                "distill": float(distillation(toons, self._targets)),
                "detail": float(detail_loss(toons, self._targets)),
            }
            score = sum(figures.values())
        else:
            style = self._style_distance(toons) / self._photo_style
            content = float(self._content(toons, self._photos)) / self._other_photo
            figures = {"style_distance": style, "content_distance": content}
            score = style + max(0.0, content - READABLE)
        return {name: round(value, 4) for name, value in {**figures, "score": score}.items()}

    def _mean_grams(self, x: Tensor) -> dict[str, Tensor]:
        rows = [self._features.grams(self._placed(one[None])) for one in x]
        return {name: torch.stack([row[name] for row in rows]).mean(0) for name in rows[0]}

    def _style_distance(self, x: Tensor) -> float:
        own = self._mean_grams(x)
        return float(sum((own[name] - g).abs().mean() for name, g in self._grams.items()) / len(own))

    def _content(self, x: Tensor, y: Tensor) -> Tensor:
        content = self._features.content
        rows = zip(x, y, strict=True)
        return torch.stack(
            [content_loss(content(self._placed(a[None])), content(self._placed(b[None]))) for a, b in rows]
        ).mean()

    def _placed(self, x: Tensor) -> Tensor:
        return x.to(self._features.net.mean.device)


def center(pictures: Tensor, side: int) -> Tensor:
    """The middle of pictures (N, C, H, W), at most `side` pixels high and wide."""
    top, left = (max(0, (edge - side) // 2) for edge in pictures.shape[-2:])
    return pictures[..., top : top + side, left : left + side]


def keep_best(
    figures: Figures,
    folder: Path,
    say: Callable[[str], None],
    write: Callable[[dict[str, float]], None],
    resume: bool = False,
) -> Callable[[StyledBackbone, int], None]:
    """A function of network and step: it takes the figures, and keeps the best adapter in `folder`.

    What an earlier run left there counts only if this one is its continuation (`resume`).
    """
    if not resume:
        (folder / FILE).unlink(missing_ok=True)

    def take(net: StyledBackbone, step: int) -> None:
        now = figures(net)
        write({"step": step, **{f"figures/{name}": value for name, value in now.items()}})
        say(f"Step {step}: " + ", ".join(f"{name} {value:.3f}" for name, value in now.items()) + ".")
        file = folder / FILE
        if not file.is_file() or json.loads(file.read_text())["score"] > now["score"]:
            save_adapter(net.adapters[figures.style], folder, net.backbone, figures=now, step=step)
            file.write_text(json.dumps({"step": step, **now}) + "\n")

    return take
