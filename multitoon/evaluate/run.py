"""One style, or one folder of toons, against photos, a teacher's toons, pictures of the style and a clip."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from multitoon.errors import ImageReadError, UsageError
from multitoon.evaluate.clip import read_clip
from multitoon.evaluate.cost import measure_cost, network_figures
from multitoon.evaluate.figures import ClipFigures, Evaluation
from multitoon.evaluate.flicker import flicker_sums
from multitoon.evaluate.pictures import SIDE, exact, matching, pictures_in, read_square, square
from multitoon.evaluate.tables import ContentTable, PhotoTable, ScoreTable, StyleTable, TeacherTable
from multitoon.evaluate.weights import DOWNLOAD
from multitoon.image import read_photo
from multitoon.stylize import MultiToon

Progress = Callable[[int, int], None]
"""Called with the number of photos that are done and of all."""
Table = PhotoTable | ContentTable | TeacherTable | StyleTable | ScoreTable


@dataclasses.dataclass(frozen=True)
class References:
    """What toons are compared with beside the photos; each part adds figures."""

    teacher_toons: Path | None = None
    """A folder with the teacher's toon of every photo."""
    style_images: Path | None = None
    """A folder with pictures of the style."""
    inception_weights: str | Path | None = None
    """For FID and KID: a file, or `download` (`inception.py`)."""
    feature_weights: str | Path | None = None
    """Of VGG19, for the content distance: a file, or `download` (`feature_weights.py`)."""
    classifier_weights: Path | None = None
    """Of MobileNetV2, for the inception score."""
    clip: Path | None = None
    """A folder of frames, or a video: photos of a moving scene."""
    clip_toons: Path | None = None
    """Its toons, frame by frame, where no style is drawn."""

    def __post_init__(self) -> None:
        if self.inception_weights and not self.style_images:
            raise UsageError(
                "Inception's weights without pictures of the style: there is nothing to be near to.",
                "Add --style-images DIR.",
            )
        if self.clip_toons and not self.clip:
            raise UsageError("A clip's toons without the clip.", "Add --clip DIR.")


def evaluate_style(
    style: str,
    photos: Path,
    references: References = References(),
    progress: Progress = lambda done, all: None,
    *,
    backbone: Path | None = None,
    paper: bool = True,
    cost_threads: int | None = None,
) -> Evaluation:
    """The figures of `style`, a name or an adapter's folder, drawn on the squares of the photos in a folder.

    Args:
        backbone: the folder of the backbone that the adapter was made for; the shipped one if None.
        paper: with the grain of the style's paper.
        cost_threads: also time it, with so many threads of torch.

    Raises:
        UnknownNameError, CheckpointError: no such style, or a damaged one.
        ImageReadError: no photos, an unreadable one, or one without teacher's toon.
    """
    if references.clip_toons:
        raise UsageError("A style draws its own clip.", "Leave --clip-toons out.")
    toon = MultiToon.from_pretrained(backbone)
    name = toon.load_adapter(style)
    toon.set_adapter(name)
    paths = pictures_in(photos)

    def draw(image: Image.Image) -> Tensor:
        return exact(toon.stylize(image, paper=paper))

    drawn = _evaluate(
        name, paths, lambda path: draw(square(read_photo(path).rgb)), draw, references, progress
    )
    return dataclasses.replace(
        drawn,
        network=network_figures(toon, read_square(paths[0])),
        cost=measure_cost(style, backbone, paths[0], cost_threads) if cost_threads else None,
    )


def evaluate_toons(
    toons: Path,
    photos: Path,
    references: References = References(),
    progress: Progress = lambda done, all: None,
) -> Evaluation:
    """The figures of the pictures in the folder `toons`, one for each photo in the folder `photos`.

    Raises:
        ImageReadError: no photos, an unreadable one, or one without toon.
        UsageError: several toons of one photo, or a clip without its toons.
    """
    if references.clip and not references.clip_toons:
        raise UsageError("A clip without its toons, and no style to draw it.", "Add --clip-toons DIR.")
    paths = pictures_in(photos)
    own = dict(zip(paths, matching(paths, toons), strict=True))
    return _evaluate(str(toons), paths, lambda path: read_square(own[path]), None, references, progress)


def _evaluate(
    name: str,
    paths: list[Path],
    toon_of: Callable[[Path], Tensor],
    draw: Callable[[Image.Image], Tensor] | None,
    references: References,
    progress: Progress,
) -> Evaluation:
    tables = _tables(paths, references)
    for i, path in enumerate(paths):
        photo, toon = read_square(path), toon_of(path)
        for table in tables.values():
            table.add(path, toon, photo)
        progress(i + 1, len(paths))
    photo_table = tables.pop("photo")
    return Evaluation(
        toons=name,
        pictures=len(paths),
        side=SIDE,
        **photo_table.figures(),
        **{key: table.figures() for key, table in tables.items()},
        clip=_clip(references, draw) if references.clip else None,
    )


def _tables(paths: list[Path], references: References) -> dict[str, Table]:
    """By the names of `Evaluation`. Weights and folders are read now: what is missing is said at once."""
    tables: dict[str, Table] = {"photo": PhotoTable()}
    if references.feature_weights:
        own = references.feature_weights
        tables["content_distance"] = ContentTable(None if str(own) == DOWNLOAD else Path(own))
    if references.teacher_toons:
        tables["teacher"] = TeacherTable(paths, references.teacher_toons)
    if references.classifier_weights:
        tables["score"] = ScoreTable(references.classifier_weights)
    if references.style_images:
        tables["style"] = StyleTable(references.style_images, references.inception_weights)
    return tables


def _clip(references: References, draw: Callable[[Image.Image], Tensor] | None) -> ClipFigures:
    sums, before, frames = torch.zeros(4, dtype=torch.float64), None, 0
    for photo, toon in _frames(references, draw):
        if before is not None:
            sums += flicker_sums(before, (photo, toon))
        before, frames = (photo, toon), frames + 1
    if frames < 2:
        raise ImageReadError(f"{references.clip} holds {frames} frames; flicker needs two.")
    blocks, followed, photo_sum, toon_sum = sums.tolist()
    over = max(followed, 1.0)
    return ClipFigures(frames, followed / blocks, toon_sum / over, photo_sum / over)


def _frames(
    references: References, draw: Callable[[Image.Image], Tensor] | None
) -> Iterator[tuple[Tensor, Tensor]]:
    photos = read_clip(references.clip)
    if draw:
        yield from ((exact(photo), draw(photo)) for photo in photos)
        return
    for photo, toon in zip(photos, read_clip(references.clip_toons), strict=True):
        yield exact(photo), exact(toon)
