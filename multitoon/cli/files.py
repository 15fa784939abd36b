"""From what a user names, files and folders, to pairs of a photo and the picture made of it."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from multitoon.data.picture_files import picture_files
from multitoon.errors import ImageReadError, UsageError
from multitoon.image import FORMATS, is_toon


@dataclasses.dataclass(frozen=True)
class Job:
    """One photo to read and the picture to write."""

    source: Path
    target: Path


@dataclasses.dataclass(frozen=True)
class Plan:
    """All jobs of a call, and the toons in its folders that are no photos."""

    jobs: list[Job]
    toons: list[Path]


def plan(
    inputs: Sequence[Path],
    *,
    suffix: str,
    output: Path | None = None,
    format: str | None = None,
    recursive: bool = False,
) -> Plan:
    """The jobs for `inputs`, in a fixed order, each target once.

    `dir/photo.jpg` becomes `dir/photo.SUFFIX.png` beside it, or `OUTPUT/photo.SUFFIX.png`; what lies deeper
    in an input folder lies as deep in OUTPUT. Toons in a folder (by their own metadata) are left out, so
    that a second run does not draw the toons of the first.

    Args:
        suffix: such as `hayao`.
        output: a folder; for a single photo also a file name, which is taken as it is.
        format: a key of `FORMATS`; png if None.

    Raises:
        ImageReadError: a folder that holds no photo.
        UsageError: a target that is its own photo, or a file name of another format than `format`.
    """
    found, toons = [], []
    for given in inputs:
        if not given.is_dir():
            found.append((given, Path(given.name)))
            continue
        pictures = picture_files(given, recursive)
        made = {path: is_toon(path) for path in pictures}
        photos = [path for path in pictures if not made[path]]
        if not photos:
            hint = "Toons are left out; name them one by one." if made else "Look deeper with --recursive."
            raise ImageReadError(f"{given} holds no photo.", hint)
        toons += [path for path in pictures if made[path]]
        found += [(path, path.relative_to(given)) for path in photos]
    if output and _is_file_name(output) and len(found) == 1 and not inputs[0].is_dir():
        if format and FORMATS[format] != FORMATS[output.suffix.lstrip(".").lower()]:
            raise UsageError(f"{output} contradicts --format {format}.", "Leave one of them out.")
        jobs = [Job(found[0][0], output)]
    else:
        jobs = _targets(found, suffix, output, format or "png")
    for job in jobs:
        if job.target.absolute() == job.source.absolute():
            raise UsageError(f"{job.target} is the photo itself.", "Choose another name with -o.")
    return Plan(jobs, toons)


def _targets(found: list[tuple[Path, Path]], suffix: str, output: Path | None, format: str) -> list[Job]:
    def target(path: Path, relative: Path, stem: str) -> Path:
        folder = output / relative.parent if output else path.parent
        return folder / f"{stem}.{suffix}.{format}"

    found = list({path.absolute(): (path, relative) for path, relative in reversed(found)}.values())[::-1]
    # photo.jpg and photo.png want the same name: both then keep their suffix (photo.jpg.hayao.png).
    wanted = Counter(str(target(path, relative, path.stem)).casefold() for path, relative in found)
    jobs: dict[str, Job] = {}
    for path, relative in found:
        place = target(path, relative, path.stem)
        if wanted[str(place).casefold()] > 1:
            place = target(path, relative, path.name)
        number = 1
        while str(place).casefold() in jobs:  # a/photo.jpg and b/photo.jpg, both into OUTPUT
            number += 1
            place = target(path, relative, f"{path.name}-{number}")
        jobs[str(place).casefold()] = Job(path, place)
    return list(jobs.values())


def _is_file_name(path: Path) -> bool:
    return path.suffix.lstrip(".").lower() in FORMATS and not path.is_dir()
