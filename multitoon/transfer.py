"""Style transfer by optimizing the picture itself: slow, needs no training, and serves any painting.

Gatys, Ecker, Bethge, *Image Style Transfer Using Convolutional Neural Networks*, CVPR 2016:

    total = α · content + β · Σ_l style_l / L + γ · TV(x) / TV(painting)                         (eq. 7)
    content = |F_c(x) - F_c(photo)|² / |F_c(photo)|²                                             (eq. 1)
    style_l = |G_l(x) - G_l(painting)|² / |G_l(painting)|²,   G = F F^T / (H W)                  (eqs. 3, 4)

F are rectified maps of a VGG. Each term is divided by its own size, which the paper's are not: so α and β
mean the same for all networks, layers and sizes. The total variation is not theirs either: without it, what
VGG's maxima leave of a gradient is drawn as grain. The picture starts as the photo and is drawn at half size
first: strokes wider than the layers see come from there.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from multitoon.errors import CheckpointError, UsageError
from multitoon.image import to_image, to_tensor
from multitoon.losses.gram import gram
from multitoon.losses.tv import total_variation
from multitoon.model.features import FeatureNetwork
from multitoon.published_weights import opened

STYLE_LAYERS = ("conv1_2", "conv2_2", "conv3_3", "conv4_3")
CONTENT_LAYER = "conv4_3"
LEAST = 16
"""Pixels a side: two of the deepest maps."""
MARGIN = 12
"""Pixels of mirrored border."""
SHARE_AT_HALF = 2 / 3
"""Of the steps; there the drawing is made, and at full size it is made sharp."""
SMALLEST = 160
"""Longer side in pixels below which there is no first round at half size: VGG's deep maps have few pixels."""


@dataclasses.dataclass(frozen=True)
class TransferConfig:
    """How a painting is transferred."""

    content_weight: float = 1.0
    """α."""
    style_weight: float = 20.0
    """β."""
    smoothness: float = 0.05
    """γ."""
    steps: int = 120
    """Evaluations of the network; two thirds of them at half size, where one takes a quarter of the time."""
    optimizer: Literal["lbfgs", "adam"] = "lbfgs"
    """L-BFGS gets further per step; Adam never overshoots."""
    rate: float = 0.03
    """Adam's, in units of [-1, 1]."""

    def __post_init__(self) -> None:
        for name in ("content_weight", "style_weight", "smoothness", "rate"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                raise UsageError(f"{name} is {value}, must be at least 0.")
        if self.steps < 1:
            raise UsageError(f"steps is {self.steps}, must be at least 1.")


@dataclasses.dataclass(frozen=True)
class Progress:
    """Where a transfer stands after a step."""

    step: int
    steps: int
    content: float
    style: float
    picture: Callable[[], Image.Image]
    """The picture as it is now, at the size that is being drawn."""


def transfer(
    photo: Image.Image,
    painting: Image.Image,
    network: FeatureNetwork,
    config: TransferConfig = TransferConfig(),
    progress: Callable[[Progress], None] = lambda state: None,
) -> Image.Image:
    """`photo` in the manner of `painting`, RGB, of the photo's size.

    Args:
        network: with at least the layers `STYLE_LAYERS`, from `feature_weights.load_features`.
        progress: called after each step.

    Raises:
        UsageError: a photo or painting of less than `LEAST` pixels a side.
    """
    for name, image in (("photo", photo), ("painting", painting)):
        if min(image.size) < LEAST:
            size = f"{image.width}x{image.height}"
            raise UsageError(f"The {name} is {size}, must be at least {LEAST} pixels a side.")
    sizes = [photo.size]
    if max(photo.size) >= SMALLEST and min(photo.size) >= 32 and config.steps > 1:
        sizes.insert(0, (photo.width // 2, photo.height // 2))
    change, done = None, 0
    for number, size_wh in enumerate(sizes, start=1):
        canvas = to_tensor(_resized(photo, size_wh))
        start = canvas if change is None else (canvas + _enlarged(change, canvas)).clamp(-1, 1)
        last = number == len(sizes)
        steps = config.steps - done if last else round(config.steps * SHARE_AT_HALF)
        model = to_tensor(_like(painting, size_wh))
        x = _optimize(start, canvas, model, network, config, done, steps, progress)
        change, done = x - canvas, done + steps
    return to_image(x)


def network_in(weights: Path) -> str:
    """`vgg16` or `vgg19`, whichever's keys the safetensors file `weights` has.

    Raises:
        CheckpointError: not a safetensors file, or neither's.
    """
    with opened(weights) as file:
        keys = set(file.keys())
    for name in ("vgg16", "vgg19"):
        own = set(FeatureNetwork(STYLE_LAYERS, name).body.state_dict())
        if own <= keys:
            return name
    raise CheckpointError(
        f"{weights}: neither VGG16 nor VGG19 up to {CONTENT_LAYER}.",
        "Wanted torchvision's keys: features.0.weight, features.0.bias, features.2.weight ...",
    )


def _optimize(
    start: Tensor,
    photo: Tensor,
    painting: Tensor,
    network: FeatureNetwork,
    config: TransferConfig,
    done: int,
    steps: int,
    progress: Callable[[Progress], None],
) -> Tensor:
    x = start.clone(memory_format=torch.contiguous_format).requires_grad_(True)
    with torch.no_grad():
        wanted = F.relu(network(_mirrored(photo))[CONTENT_LAYER])
        grain = total_variation(painting)
        grams = {
            name: gram(F.relu(map))
            for name, map in network(_mirrored(painting)).items()
            if name in STYLE_LAYERS
        }
    if config.optimizer == "adam":
        optimizer: torch.optim.Optimizer = torch.optim.Adam([x], lr=config.rate)
    else:
        # One evaluation per call; it stops by our count alone, never because a step was small.
        optimizer = torch.optim.LBFGS(
            [x], max_iter=1, history_size=20, tolerance_grad=0.0, tolerance_change=0.0
        )
    terms: dict[str, float] = {}

    def closure() -> float:
        optimizer.zero_grad()
        maps = {name: F.relu(map) for name, map in network(_mirrored(x)).items()}
        content = _relative(maps[CONTENT_LAYER], wanted)
        style = sum(_relative(gram(maps[name]), grams[name]) for name in STYLE_LAYERS) / len(STYLE_LAYERS)
        rough = total_variation(x) / grain.clamp_min(torch.finfo(grain.dtype).tiny)
        total = config.content_weight * content + config.style_weight * style + config.smoothness * rough
        # Times the pixels: a gradient per pixel of about 1, whatever the size.
        total = total * photo[0, 0].numel()
        total.backward()
        terms.update(content=content.item(), style=style.item())
        return total.item()

    for step in range(1, steps + 1):
        optimizer.step(closure)
        with torch.no_grad():
            x.clamp_(-1, 1)
        progress(Progress(done + step, config.steps, **terms, picture=lambda: to_image(x.detach())))
    return x.detach()


def _mirrored(x: Tensor) -> Tensor:
    """`x` with `MARGIN` more pixels on each side: VGG's zero padding would be answered by a colored rim."""
    return F.pad(x, (MARGIN,) * 4, mode="reflect")


def _relative(value: Tensor, wanted: Tensor) -> Tensor:
    return (value - wanted).square().sum() / wanted.square().sum().clamp_min(torch.finfo(wanted.dtype).tiny)


def _resized(image: Image.Image, size_wh: tuple[int, int]) -> Image.Image:
    return image if image.size == size_wh else image.resize(size_wh, Image.Resampling.LANCZOS)


def _like(painting: Image.Image, size_wh: tuple[int, int]) -> Image.Image:
    """`painting` with about as many pixels as the photo: strokes as wide as they are in its own frame."""
    scale = math.sqrt(size_wh[0] * size_wh[1] / (painting.width * painting.height))
    return _resized(painting, tuple(max(LEAST, round(side * scale)) for side in painting.size))


def _enlarged(change: Tensor, canvas: Tensor) -> Tensor:
    return F.interpolate(change, canvas.shape[-2:], mode="bicubic", align_corners=False)
