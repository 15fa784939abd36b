"""One style, or one folder of toons, against photos, a teacher's toons and pictures of the style."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from multitoon.errors import UsageError
from multitoon.evaluate.artifacts import border_ratio, checkerboard, flat_share
from multitoon.evaluate.detail import detail_moments, pearson
from multitoon.evaluate.distance import fid, kid
from multitoon.evaluate.drift import color_drift
from multitoon.evaluate.figures import Agreement, Evaluation, StyleFigures, TeacherFigures
from multitoon.evaluate.inception import load_inception
from multitoon.evaluate.pictures import SIDE, exact, matching, pictures_in, read_square, square
from multitoon.evaluate.structure import gradient_similarity, ssim
from multitoon.image import read_photo
from multitoon.stylize import MultiToon

Progress = Callable[[int, int], None]
"""Called with the number of photos that are done and of all."""
Features = Callable[[Tensor], Tensor]


@dataclasses.dataclass(frozen=True)
class References:
    """What toons are compared with beside the photos; each part adds figures."""

    teacher_toons: Path | None = None
    """A folder with the teacher's toon of every photo."""
    style_images: Path | None = None
    """A folder with pictures of the style."""
    inception_weights: Path | None = None
    """A safetensors file for `inception.py`; needed with `style_images`."""

    def __post_init__(self) -> None:
        if (self.style_images is None) != (self.inception_weights is None):
            raise UsageError(
                "Pictures of the style and Inception's weights need each other.",
                "Give both --style-images DIR and --inception-weights FILE, or neither.",
            )


def evaluate_style(
    style: str,
    photos: Path,
    references: References = References(),
    progress: Progress = lambda done, all: None,
) -> Evaluation:
    """The figures of `style`, a name or an adapter's folder, drawn on the squares of the photos in a folder.

    Raises:
        UnknownNameError, CheckpointError: no such style, or a damaged one.
        ImageReadError: no photos, an unreadable one, or one without teacher's toon.
    """
    toon = MultiToon.from_pretrained()
    name = toon.load_adapter(style)
    toon.set_adapter(name)
    paths = pictures_in(photos)

    def draw(path: Path) -> Tensor:
        return exact(toon.stylize(square(read_photo(path).rgb)))

    return _evaluate(name, paths, draw, references, progress)


def evaluate_toons(
    toons: Path,
    photos: Path,
    references: References = References(),
    progress: Progress = lambda done, all: None,
) -> Evaluation:
    """The figures of the pictures in the folder `toons`, one for each photo in the folder `photos`.

    Raises:
        ImageReadError: no photos, an unreadable one, or one without toon.
        UsageError: several toons of one photo.
    """
    paths = pictures_in(photos)
    own = dict(zip(paths, matching(paths, toons), strict=True))
    return _evaluate(str(toons), paths, lambda path: read_square(own[path]), references, progress)


def _evaluate(
    name: str, paths: list[Path], draw: Callable[[Path], Tensor], references: References, progress: Progress
) -> Evaluation:
    teacher = _TeacherTable(paths, references.teacher_toons) if references.teacher_toons else None
    style = _StyleTable(references) if references.style_images else None
    rows: list[dict[str, Tensor]] = []
    for i, path in enumerate(paths):
        photo, toon = read_square(path), draw(path)
        rows.append(
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
        if teacher:
            teacher.add(path, toon, photo)
        if style:
            style.add(toon, photo)
        progress(i + 1, len(paths))
    columns = {key: torch.cat([row[key] for row in rows]) for key in rows[0]}
    return Evaluation(
        toons=name,
        pictures=len(paths),
        side=SIDE,
        ssim=columns["ssim"].mean().item(),
        gradient_similarity=columns["gradient_similarity"].mean().item(),
        color_drift=columns["color_drift"].mean().item(),
        border_ratio=columns["border_ratio"].median().item(),
        checkerboard=columns["checkerboard"].median().item(),
        checkerboard_photo=columns["checkerboard_photo"].median().item(),
        flat_share=columns["flat_share"].mean().item(),
        flat_share_photo=columns["flat_share_photo"].mean().item(),
        teacher=teacher.figures() if teacher else None,
        style=style.figures() if style else None,
    )


class _TeacherTable:
    """Collects moments and drifts, photo by photo."""

    def __init__(self, photos: list[Path], folder: Path) -> None:
        self._toons = dict(zip(photos, matching(photos, folder), strict=True))
        self._toon_moments: list[Tensor] = []
        self._photo_moments: list[Tensor] = []
        self._drifts: list[Tensor] = []

    def add(self, path: Path, toon: Tensor, photo: Tensor) -> None:
        drawn = read_square(self._toons[path])
        self._toon_moments.append(detail_moments(toon, drawn))
        self._photo_moments.append(detail_moments(photo, drawn))
        self._drifts.append(color_drift(drawn, photo))

    def figures(self) -> TeacherFigures:
        toon, photo = torch.cat(self._toon_moments), torch.cat(self._photo_moments)  # (N, 6)
        return TeacherFigures(
            detail=Agreement(pearson(toon).mean().item(), pearson(photo).mean().item()),
            detail_pooled=Agreement(pearson(toon.sum(0)).item(), pearson(photo.sum(0)).item()),
            color_drift=torch.cat(self._drifts).mean().item(),
        )


class _StyleTable:
    """Collects features, photo by photo."""

    def __init__(self, references: References) -> None:
        self._network = load_inception(references.inception_weights)
        self._style = torch.cat(
            [self._features(read_square(p)) for p in pictures_in(references.style_images)]
        )
        self._toons: list[Tensor] = []
        self._photos: list[Tensor] = []

    def add(self, toon: Tensor, photo: Tensor) -> None:
        self._toons.append(self._features(toon))
        self._photos.append(self._features(photo))

    def figures(self) -> StyleFigures:
        toons, photos = torch.cat(self._toons), torch.cat(self._photos)  # (N, 768)
        return StyleFigures(
            style_pictures=len(self._style),
            kid_768=kid(toons, self._style),
            kid_768_photo=kid(photos, self._style),
            fid_768=fid(toons, self._style),
            fid_768_photo=fid(photos, self._style),
        )

    @torch.no_grad()
    def _features(self, x: Tensor) -> Tensor:
        return self._network(x.float())
