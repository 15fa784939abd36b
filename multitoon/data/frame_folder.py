"""The chosen frames of a film as a folder of pictures that a style can be trained on, with a report."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from PIL import Image

from multitoon.data.film import open_film
from multitoon.data.frames import Choice, choose, pictures
from multitoon.data.survey import METADATA, read_metadata
from multitoon.errors import OutputError, UsageError
from multitoon.image import FORMATS, QUALITY, middle_square
from multitoon.progress import Tell, silent
from multitoon.whole_file import whole_file


@dataclasses.dataclass(frozen=True)
class FrameReport:
    """What `save_frames` did; it also lies in the folder, as `FILM.frames.json`."""

    film: str
    folder: str
    looked_at: int
    """Frames, eight a second."""
    shots: int
    bars: tuple[int, int, int, int]
    """Percent of the frame that black bars covered: left, top, right, bottom."""
    dropped: dict[str, int]
    """Frames by the reason why they were not taken; with `frames` they add up to `looked_at`."""
    damaged: int
    """Packets of the film that could not be decoded."""
    frames: list[dict[str, object]]
    """`file_name`, `seconds`, `shot` and `size_wh` of each picture."""


def save_frames(
    path: Path,
    folder: Path,
    count: int = 500,
    *,
    size: int = 256,
    square: bool = False,
    start: float = 0.0,
    stop: float | None = None,
    license: str = "",
    format: str = "png",
    overwrite: bool = False,
    on_progress: Tell | None = None,
) -> FrameReport:
    """Write the best `count` frames of the film at `path` into `folder`, and add them to its METADATA.

    Args:
        size: shorter side of the pictures in pixels; smaller frames are not enlarged.
        square: only the middle square.
        start, stop: seconds of the film between which to look.
        license: of the film, for METADATA.
        overwrite: first delete the pictures that an earlier call took from this film.
        on_progress: called as (what is done, how much is done, how much there is or None).

    Raises:
        UsageError: a size or count below 1, or nothing between `start` and `stop`.
        FilmReadError, MissingExtraError: as `open_film`.
        OutputError: frames of this film are there already, or the folder can't be written to.
    """
    if size < 1:
        raise UsageError(f"size is {size}, must be at least 1 pixel.")
    report_file = folder / f"{path.stem}.frames.json"
    earlier = _earlier(report_file)
    if earlier is not None and not overwrite:
        raise OutputError(
            f"{folder} holds frames of {path.name} already.", "Pass --overwrite to replace them."
        )
    tell = on_progress or silent
    with open_film(path) as film:
        end = stop if stop is not None else film.seconds
        length = end and end - start
        choice = choose(film, count, start, stop, lambda second: tell("looking", second - start, length))
        frames = []
        for still, picture in pictures(film, choice):
            if not frames:
                for name in earlier or ():
                    (folder / name).unlink(missing_ok=True)
            picture = _scaled(middle_square(picture) if square else picture, size)
            name = f"{path.stem}_{clock(still.seconds)}.{format}"
            with whole_file(folder / name, overwrite) as part:
                # Not `write_picture`: that marks what it writes as a toon.
                picture.save(part, quality=QUALITY.get(FORMATS[format], 75))
            seconds = round(still.seconds, 3)
            frames.append(
                {"file_name": name, "seconds": seconds, "shot": still.shot, "size_wh": picture.size}
            )
            tell("writing", len(frames), len(choice.stills))
        report = _report(path, folder, choice, film.damaged, frames)
    common: dict[str, object] = {"film": path.name, **({"license": license} if license else {})}
    gone = {*(earlier or ()), *(str(frame["file_name"]) for frame in frames)}
    rows = [row for row in read_metadata(folder) or [] if row["file_name"] not in gone]
    rows += [{"file_name": frame["file_name"], "seconds": frame["seconds"], **common} for frame in frames]
    with whole_file(folder / METADATA, overwrite=True) as part:
        part.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    with whole_file(report_file, overwrite=True) as part:
        part.write_text(json.dumps(dataclasses.asdict(report), indent=2) + "\n", encoding="utf-8")
    return report


def clock(seconds: float) -> str:
    """For names of files.

    >>> clock(3725.5)
    '01h02m05s500'
    """
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    return f"{minutes // 60:02}h{minutes % 60:02}m{rest // 1000:02}s{rest % 1000:03}"


def _earlier(report_file: Path) -> list[str] | None:
    """Names of the pictures that an earlier call wrote; None if there was none."""
    if not report_file.exists():
        return None
    try:
        names = [str(frame["file_name"]) for frame in json.loads(report_file.read_text("utf-8"))["frames"]]
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise OutputError(f"{report_file} is not a report of frames.", "Move it away.") from error
    return [name for name in names if Path(name).name == name]  # nothing outside the folder


def _scaled(picture: Image.Image, size: int) -> Image.Image:
    """`picture` with a shorter side of `size` pixels, or as it is if that is smaller."""
    shorter = min(picture.size)
    if shorter <= size:
        return picture
    size_wh = [round(side * size / shorter) for side in picture.size]
    return picture.resize(size_wh, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _report(
    path: Path, folder: Path, choice: Choice, damaged: int, frames: list[dict[str, object]]
) -> FrameReport:
    left, top, right, bottom = choice.box
    bars = tuple(round(100 * share) for share in (left, top, 1 - right, 1 - bottom))
    return FrameReport(
        str(path), str(folder), choice.looked_at, choice.shots, bars, choice.dropped, damaged, frames
    )
