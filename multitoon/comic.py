"""A film, or an album of photos, as a comic: key pictures drawn as toons, in panels, with what is said."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageDraw

from multitoon import __version__
from multitoon.data.film import Film, open_film, upright
from multitoon.data.frames import Choice, choose
from multitoon.data.letterbox import cropped
from multitoon.data.picture_files import picture_files
from multitoon.errors import ImageReadError, OutputError, UsageError
from multitoon.image import DAMAGE, QUALITY, read_photo, write_picture
from multitoon.panels import GUTTER, MARGIN, PAGE_WH, Panel, lay_out
from multitoon.progress import Tell, silent
from multitoon.speech import Lettering
from multitoon.subtitles import Line, read_srt, stream_lines
from multitoon.whole_file import whole_file

Draw = Callable[[Image.Image], Image.Image]
"""An RGB picture to one of the same size."""
SECONDS_A_PANEL = 8.0
"""Of film, unless a number of panels is given."""
MOST_PANELS = 400
MOST_WORDS = 150
"""Letters in one panel; what is said beyond gets a panel of its own, from the moment when it is said."""
FRAME = 5
"""Pixels of the black line around panels."""
TITLE_SIZE = 64
"""Letters of the title in pixels."""
DPI = 150
PAGES = "page_[0-9][0-9][0-9].png"


@dataclasses.dataclass
class Scene:
    """A picture of the comic and the words in it."""

    seconds: float
    said: list[tuple[str, bool]] = dataclasses.field(default_factory=list)
    """Texts in order, and of each whether it is narrated."""


@dataclasses.dataclass
class ComicReport:
    """What `film_comic` or `album_comic` wrote."""

    output: str = ""
    pages: int = 0
    panels: int = 0
    lines: int = 0
    """Subtitles in it; no one is left out."""
    pictures_only: bool = False
    """The film has subtitles, but they are pictures of words, which can't be lettered."""
    missing_letters: str = ""
    """Letters that the font does not have, drawn as others."""


def film_comic(
    source: Path,
    target: Path,
    draw: Draw,
    *,
    panels: int | None = None,
    subtitles: Path | None = None,
    title: str = "",
    font: Path | None = None,
    start: float = 0.0,
    stop: float | None = None,
    overwrite: bool = False,
    on_progress: Tell | None = None,
) -> ComicReport:
    """Lay the film at `source` out as a comic in `target`: a PDF, or a folder for a PNG per page.

    Args:
        draw: makes the toons.
        panels: about how many key pictures; one every `SECONDS_A_PANEL` if None. Words may need more.
        subtitles: SRT or WebVTT; those in the film if None.
        font: TrueType or OpenType, for words.
        start, stop: seconds of the film to begin and end at.
        on_progress: called as (what is done, how much, of how much or None).

    Raises:
        FilmReadError, MissingExtraError: as `open_film` and `read_srt`.
        UsageError: subtitles that hold none, a font that is none, nothing in this part of the film.
        OutputError: `target` exists and `overwrite` is false, or can't be written.
    """
    _check(target, overwrite)
    tell = on_progress or silent
    with open_film(source) as film:
        lines = read_srt(subtitles) if subtitles else stream_lines(film)
        end = stop if stop is not None else film.seconds
        pictures_only = not lines and bool(film.container.streams.subtitles)
        lines = [line for line in lines if line.start >= start and (end is None or line.start < end)]
        length = None if end is None else end - start
        count = panels or min(MOST_PANELS, max(4, round((length or 600) / SECONDS_A_PANEL)))
        choice = choose(film, count, start, stop, lambda second: tell("looking", second - start, length))
        if not choice.stills:
            raise UsageError(
                f"{source} has no picture worth a panel.", "See multitoon frames for the reasons."
            )
        scenes = tell_story([still.seconds for still in choice.stills], lines)
        aspect = _aspect(film, choice)
        report = ComicReport(lines=len(lines), pictures_only=pictures_only)
        images = _film_pictures(film, choice, [scene.seconds for scene in scenes])
        _write(target, scenes, [aspect] * len(scenes), images, draw, title, font, overwrite, report, tell)
    return report


def album_comic(
    folder: Path,
    target: Path,
    draw: Draw,
    *,
    title: str = "",
    font: Path | None = None,
    overwrite: bool = False,
    on_progress: Tell | None = None,
) -> ComicReport:
    """Lay the photos in `folder` out as a comic, in the order of their names; see `film_comic`.

    Raises:
        ImageReadError: no such folder, no photo in it, or one that can't be read.
    """
    _check(target, overwrite)
    files = picture_files(folder, recursive=True)
    if not files:
        raise ImageReadError(f"{folder} holds no photo.")
    aspects = [_photo_aspect(file) for file in files]
    scenes, report = [Scene(0.0) for _ in files], ComicReport()
    images = (read_photo(file).rgb for file in files)
    _write(target, scenes, aspects, images, draw, title, font, overwrite, report, on_progress or silent)
    return report


def tell_story(times: Sequence[float], lines: Sequence[Line]) -> list[Scene]:
    """A scene for each of `times` (seconds), with the `lines` said from then on until the next.

    A scene takes at most `MOST_WORDS` letters and two voices; what is said beyond gets a scene of its own, at
    the moment when it is said. No line is left out, and their order stays.
    """
    scenes = [Scene(time) for time in sorted(times)]
    for line in lines:
        moment = (line.start + line.stop) / 2
        index = max(0, sum(scene.seconds <= moment for scene in scenes) - 1)
        scene = scenes[index]
        letters = sum(len(text) for text, _ in scene.said) + sum(map(len, line.parts))
        voices = len(scene.said) + len(line.parts)
        if scene.said and (letters > MOST_WORDS or voices > 2):
            scene = Scene(max(moment, scene.seconds + 0.01))
            scenes.insert(index + 1, scene)
        scene.said += [(part, line.narrated) for part in line.parts]
    return scenes


def _write(
    target: Path,
    scenes: Sequence[Scene],
    aspects: Sequence[float],
    images: Iterable[Image.Image],
    draw: Draw,
    title: str,
    font: Path | None,
    overwrite: bool,
    report: ComicReport,
    tell: Tell,
) -> None:
    words = title + "".join(text for scene in scenes for text, _ in scene.said)
    lettering = Lettering(words, font)
    report.output, report.missing_letters = str(target), lettering.lacks(words)
    header = TITLE_SIZE + 2 * GUTTER if title else 0
    left = iter(zip(scenes, images, strict=False))
    with _book(target, title, overwrite) as add:
        for number, layout in enumerate(lay_out(aspects, header=header)):
            page = Image.new("RGB", PAGE_WH, "white")
            if title and number == 0:
                lettering.headline(page, title, (PAGE_WH[0] / 2, MARGIN + TITLE_SIZE / 2), TITLE_SIZE)
            for panel, (scene, image) in zip(layout, left, strict=False):
                drawn = draw(fitted(image, (panel.width, panel.height)))
                if scene.said:
                    lettering.put(drawn, scene.said)
                _frame(page, drawn, panel)
                report.panels += 1
                tell("drawing", report.panels, len(scenes))
            add(page)
            report.pages += 1


def fitted(image: Image.Image, size_wh: tuple[int, int]) -> Image.Image:
    """The part of `image` with most to see, scaled to `size_wh`; no more is cut off than has to be."""
    width, height = size_wh
    scale = max(width / image.width, height / image.height)
    part_wh = min(image.width, round(width / scale)), min(image.height, round(height / scale))
    small = image.convert("L").resize((64, 64), Image.Resampling.BOX)
    detail = np.hypot(*np.gradient(np.asarray(small, np.float32)))
    left = _best_start(detail.sum(0), part_wh[0] / image.width) * image.width
    top = _best_start(detail.sum(1), part_wh[1] / image.height) * image.height
    box = (left, top, left + part_wh[0], top + part_wh[1])
    return image.resize(size_wh, Image.Resampling.LANCZOS, box=box)


def _best_start(detail: np.ndarray, share: float) -> float:
    """Where a window of `share` of the whole begins, in [0, 1 - share], so that it holds most detail.

    What is in the middle counts twice what is at the edges: people put there what they look at.
    """
    count = len(detail)
    window = max(1, round(share * count))
    weight = 1 + np.sin(np.pi * (np.arange(count) + 0.5) / count)
    sums = np.convolve(detail * weight, np.ones(window), "valid")
    middle = (len(sums) - 1) / 2
    best = np.flatnonzero(sums >= 0.98 * sums.max())
    start = best[np.abs(best - middle).argmin()]
    return min(start / count, 1 - share)


def _frame(page: Image.Image, image: Image.Image, panel: Panel) -> None:
    page.paste(image, (panel.left, panel.top))
    right, bottom = panel.left + panel.width - 1, panel.top + panel.height - 1
    ImageDraw.Draw(page).rectangle((panel.left, panel.top, right, bottom), outline="black", width=FRAME)


def _film_pictures(film: Film, choice: Choice, times: Sequence[float]) -> Iterator[Image.Image]:
    """The frames at `times`, without bars; where the film ends before a time, its last one again."""
    count, image = 0, None
    for _, frame in film.frames_at(times):
        image = Image.fromarray(np.ascontiguousarray(cropped(upright(frame), choice.box)))
        count += 1
        yield image
    if image is not None:
        yield from [image] * (len(times) - count)


def _aspect(film: Film, choice: Choice) -> float:
    _, frame = next(film.frames())
    height, width = cropped(upright(frame, 320), choice.box).shape[:2]
    return width / height


def _photo_aspect(file: Path) -> float:
    """Width over height of an upright photo, from its header alone where that is possible."""
    try:
        with Image.open(file) as image:
            width, height = image.size
            turned = image.getexif().get(ExifTags.Base.Orientation, 1) > 4
    except DAMAGE:
        width, height = read_photo(file).size_wh  # says what is wrong
        turned = False
    return height / width if turned else width / height


def _check(target: Path, overwrite: bool) -> None:
    """Raise OutputError where `_book` would, before hours of work."""
    if is_pdf(target):
        exists = target.exists()
    else:
        exists = target.is_file() or (target.is_dir() and any(target.glob(PAGES)))
    if exists and not overwrite:
        raise OutputError(f"{target} holds a comic already.", "Pass --overwrite to replace it.")


def is_pdf(target: Path) -> bool:
    """Whether `target` is one file; otherwise it is a folder with a PNG per page."""
    return target.suffix.lower() == ".pdf"


@contextlib.contextmanager
def _book(target: Path, title: str, overwrite: bool) -> Iterator[Callable[[Image.Image], None]]:
    """A function that adds a page to `target`, one after another: only one is in memory."""
    if not is_pdf(target):
        written: list[Path] = []

        def add_png(page: Image.Image) -> None:
            written.append(target / f"page_{len(written) + 1:03}.png")
            write_picture(written[-1], page, overwrite=overwrite)

        yield add_png
        for stale in set(target.glob(PAGES)) - set(written):
            stale.unlink()
        return
    facts = {"title": title or target.stem, "producer": f"multitoon {__version__}"}
    with whole_file(target, overwrite) as part:

        def add(page: Image.Image) -> None:
            page.save(part, "PDF", resolution=DPI, quality=QUALITY["JPEG"], append=part.exists(), **facts)

        yield add
