"""What is gathered photo by photo: a class for each block of figures, with `add` and `figures`."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from multitoon.evaluate.artifacts import border_ratio, checkerboard, flat_share
from multitoon.evaluate.content import LAYER, content_distance
from multitoon.evaluate.detail import detail_moments, pearson
from multitoon.evaluate.distance import fid, kid
from multitoon.evaluate.drift import color_drift
from multitoon.evaluate.figures import Agreement, FeatureGap, Gap, Score, StyleFigures, TeacherFigures
from multitoon.evaluate.histogram import color_projections, colors, gradient_projections, gradients
from multitoon.evaluate.inception import Inception, load_inception
from multitoon.evaluate.lines import line_counts, lines
from multitoon.evaluate.mobilenet import NAME, load_mobilenet
from multitoon.evaluate.pictures import matching, pictures_in, read_square
from multitoon.evaluate.score import inception_score
from multitoon.evaluate.structure import gradient_similarity, ssim
from multitoon.feature_weights import load_features


class PhotoTable:
    """The toon beside its photo: content, color, artifacts, lines."""

    def __init__(self) -> None:
        self._rows: list[dict[str, Tensor]] = []
        self._lines: list[Tensor] = []

    def add(self, path: Path, toon: Tensor, photo: Tensor) -> None:
        self._rows.append(
            {
                "ssim": ssim(toon, photo),
                "gradient_similarity": gradient_similarity(toon, photo),
                "color_drift": color_drift(toon, photo),
                "border_ratio": border_ratio(toon, photo),
                "checkerboard": checkerboard(toon),
                "checkerboard_photo": checkerboard(photo),
                "flat_share": flat_share(toon),
                "flat_share_photo": flat_share(photo),
            }
        )
        self._lines.append(torch.cat([line_counts(toon, photo), line_counts(photo, photo)]))

    def figures(self) -> dict[str, object]:
        """By the names of `Evaluation`."""
        medians = ("border_ratio", "checkerboard", "checkerboard_photo")
        found: dict[str, object] = {}
        for key in self._rows[0]:
            column = torch.cat([row[key] for row in self._rows])
            found[key] = (column.median() if key in medians else column.mean()).item()
        toon, photo = torch.stack(self._lines).sum(0)
        return found | {"lines": lines(toon), "lines_photo": lines(photo)}


class TeacherTable:
    """The toon beside the teacher's."""

    def __init__(self, photos: list[Path], folder: Path) -> None:
        self._toons = dict(zip(photos, matching(photos, folder), strict=True))
        self._toon_moments: list[Tensor] = []
        self._photo_moments: list[Tensor] = []
        self._drifts: list[Tensor] = []
        self._lines: list[Tensor] = []

    def add(self, path: Path, toon: Tensor, photo: Tensor) -> None:
        drawn = read_square(self._toons[path])
        self._toon_moments.append(detail_moments(toon, drawn))
        self._photo_moments.append(detail_moments(photo, drawn))
        self._drifts.append(color_drift(drawn, photo))
        self._lines.append(line_counts(drawn, photo))

    def figures(self) -> TeacherFigures:
        toon, photo = torch.cat(self._toon_moments), torch.cat(self._photo_moments)  # (N, 6)
        return TeacherFigures(
            detail=Agreement(pearson(toon).mean().item(), pearson(photo).mean().item()),
            detail_pooled=Agreement(pearson(toon.sum(0)).item(), pearson(photo.sum(0)).item()),
            color_drift=torch.cat(self._drifts).mean().item(),
            lines=lines(torch.cat(self._lines).sum(0)),
        )


class StyleTable:
    """The toons beside pictures of the style: histograms, and Inception's features where it has weights."""

    def __init__(self, folder: Path, inception_weights: str | Path | None) -> None:
        self._network = load_inception(inception_weights) if inception_weights else None
        self._sides = {side: _Sample(self._network) for side in ("style", "toon", "photo")}
        for path in pictures_in(folder):
            self._sides["style"].add(read_square(path))

    def add(self, path: Path, toon: Tensor, photo: Tensor) -> None:
        self._sides["toon"].add(toon)
        self._sides["photo"].add(photo)

    def figures(self) -> StyleFigures:
        style, toon, photo = self._sides.values()
        features = {name: [side.stacked(name) for side in self._sides.values()] for name in style.features}
        return StyleFigures(
            style_pictures=style.count,
            color=Gap(toon.colors.distance(style.colors), photo.colors.distance(style.colors)),
            gradient=Gap(toon.gradients.distance(style.gradients), photo.gradients.distance(style.gradients)),
            inception={
                name: FeatureGap(kid=Gap(kid(t, s), kid(p, s)), fid=Gap(fid(t, s), fid(p, s)))
                for name, (s, t, p) in features.items()
            },
        )


class _Sample:
    """Histograms and features of a set of pictures."""

    def __init__(self, network: Inception | None) -> None:
        self._network = network
        self.count = 0
        self.colors, self.gradients = color_projections(), gradient_projections()
        self.features: dict[str, list[Tensor]] = {}

    @torch.no_grad()
    def add(self, x: Tensor) -> None:
        self.count += 1
        self.colors.add(colors(x))
        self.gradients.add(gradients(x))
        if self._network:
            for name, feature in self._network(x.float()).items():
                self.features.setdefault(name, []).append(feature)

    def stacked(self, name: str) -> Tensor:
        return torch.cat(self.features[name])


class ContentTable:
    """The toon beside its photo, as VGG19 sees both."""

    def __init__(self, weights: Path | None) -> None:
        self._network = load_features([LAYER], "vgg19", weights)
        self._distances: list[Tensor] = []

    def add(self, path: Path, toon: Tensor, photo: Tensor) -> None:
        self._distances.append(content_distance(toon, photo, self._network))

    def figures(self) -> float:
        return torch.cat(self._distances).mean().item()


class ScoreTable:
    """A classifier's opinion of toons and photos."""

    def __init__(self, weights: Path) -> None:
        self._network = load_mobilenet(weights)
        self._toons: list[Tensor] = []
        self._photos: list[Tensor] = []

    @torch.no_grad()
    def add(self, path: Path, toon: Tensor, photo: Tensor) -> None:
        self._toons.append(self._network(toon.float()))
        self._photos.append(self._network(photo.float()))

    def figures(self) -> Score:
        return Score(NAME, *(inception_score(torch.cat(rows)) for rows in (self._toons, self._photos)))
