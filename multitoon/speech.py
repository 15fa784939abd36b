"""Words in a panel: speech in round boxes with a tail, narration in square ones, where they hide least."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from multitoon.errors import UsageError

SIZE, SMALLEST = 24, 15
"""Letters in pixels, on a page of 150 dots an inch, and to what they shrink where there is little room."""
COVERED = 0.45
"""Share of a panel's height that its words may cover before they shrink."""
WIDEST = 0.66
"""Share of a panel's width that one box may take."""
BORDER, INSET = 3, 10
"""Pixels of the line around a box, and from the panel's edge."""
PAPER, NARRATION, INK = (255, 255, 255, 255), (255, 244, 206, 255), (0, 0, 0, 255)
FINE = 3
"""Boxes are drawn so many times larger, for smooth edges."""
SYSTEM_FONTS = (
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "LiberationSans-Regular.ttf",
    "Arial.ttf",
    "segoeui.ttf",
)
"""Tried in this order for words that Pillow's own font has not all letters of."""
PLAIN = {
    "\u2013": "-",
    "\u2014": "-",
    "\u2012": "-",
    "\u2015": "-",
    "\u00a0": " ",
    "\u2019": "'",
    "\u2026": "...",
}


@dataclasses.dataclass(frozen=True)
class Box:
    """Words with room for them, not yet placed."""

    rows: list[str]
    narrated: bool
    size_wh: tuple[int, int]


class Lettering:
    """Puts words into panels, in the font of `file`, or one that has all letters of `words`.

    Raises:
        UsageError: `file` is not a font.
    """

    def __init__(self, words: str = "", file: Path | None = None) -> None:
        self._name = str(file) if file else None
        try:
            self._font(SIZE)
        except OSError as error:
            raise UsageError(f"{file} is not a font ({error}).", "Name a .ttf or .otf file.") from error
        if file is None and self.lacks(words):
            self._name = next(filter(_installed, SYSTEM_FONTS), None)

    def lacks(self, words: str) -> str:
        """The letters of `words` that the font does not have, each once."""
        letters = sorted(set(words) - set(PLAIN))
        return "".join(c for c in letters if not c.isspace() and not _has(self._name, c))

    def put(self, panel: Image.Image, said: Sequence[tuple[str, bool]]) -> None:
        """Draw `said` into `panel` (RGB): texts in reading order, and of each whether it is narrated."""
        for size in range(SIZE, SMALLEST - 1, -1):
            boxes = [self._box(text, narrated, size, panel.width) for text, narrated in said]
            if sum(box.size_wh[1] + INSET for box in boxes) <= COVERED * panel.height:
                break
        places = _places(panel, boxes)
        overlay = Image.new("RGBA", (panel.width * FINE, panel.height * FINE))
        draw = ImageDraw.Draw(overlay)
        for box, place in zip(boxes, places, strict=True):
            _outline(draw, box, place, panel.size)
        overlay = overlay.resize(panel.size, Image.Resampling.BOX)
        panel.paste(overlay, (0, 0), overlay)
        draw, font = ImageDraw.Draw(panel), self._font(size)
        for box, (left, top) in zip(boxes, places, strict=True):
            middle = left + box.size_wh[0] / 2, top + box.size_wh[1] / 2
            draw.multiline_text(
                middle, "\n".join(box.rows), INK[:3], font, anchor="mm", align="center", spacing=size // 4
            )

    def headline(self, page: Image.Image, text: str, middle: tuple[float, float], size: int) -> None:
        """Draw `text` on `page` around `middle`, in letters of `size` pixels or as small as it takes."""
        text = self._writable(text)
        room = 2 * min(middle[0], page.width - middle[0]) - 2 * size
        size = max(SMALLEST, min(size, int(size * room / max(1.0, self._font(size).getlength(text)))))
        ImageDraw.Draw(page).text(middle, text, INK[:3], self._font(size), anchor="mm")

    def _box(self, text: str, narrated: bool, size: int, panel_width: int) -> Box:
        font = self._font(size)
        rows = _wrapped(self._writable(text).split(), font, max(6 * size, WIDEST * panel_width))
        width = max(font.getlength(row) for row in rows)
        height = len(rows) * size * 1.25
        return Box(rows, narrated, (round(width + 1.4 * size), round(height + 0.9 * size)))

    def _font(self, size: int) -> ImageFont.FreeTypeFont:
        return _loaded(self._name, size)

    def _writable(self, text: str) -> str:
        """`text` with letters that the font lacks replaced by their plain form: é by e."""
        written = (
            c if _has(self._name, c) else PLAIN.get(c) or unicodedata.normalize("NFKD", c)[0] for c in text
        )
        return "".join(written)


def _wrapped(words: list[str], font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """`words` in as few rows of at most `width` pixels as possible, and these as even as possible."""
    lengths, space = [font.getlength(word) for word in words], font.getlength(" ")
    rows = _filled(words, lengths, space, width)
    for narrower in np.linspace(0.5 * width, width, 12):
        even = _filled(words, lengths, space, float(narrower))
        if len(even) == len(rows):
            return even
    return rows


def _filled(words: list[str], lengths: list[float], space: float, width: float) -> list[str]:
    """Rows filled one after another; a word longer than `width` has one of its own."""
    rows, used = [words[0]], lengths[0]
    for word, length in zip(words[1:], lengths[1:], strict=True):
        used += space + length
        if used <= width:
            rows[-1] += f" {word}"
        else:
            rows.append(word)
            used = length
    return rows


def _places(panel: Image.Image, boxes: Sequence[Box]) -> list[tuple[int, int]]:
    """Left and top of each box: one after another from the top, the last at the bottom; little is hidden."""
    gray = np.asarray(panel.convert("L"), np.float32)
    detail = np.hypot(*np.gradient(gray))
    places, top = [], INSET
    for number, box in enumerate(boxes):
        width, height = box.size_wh
        right, bottom = max(0, panel.width - width - INSET), max(0, panel.height - height - INSET)
        rows = [top] if number < len(boxes) - 1 else [max(top, bottom)] if number else [top, bottom]
        columns = [INSET, right // 2, right] if len(boxes) == 1 else [INSET if number % 2 == 0 else right]
        if box.narrated:
            rows, columns = [min(top, bottom)], [INSET]
        options = itertools.product(columns, rows)
        left, top = min(options, key=lambda place, size_wh=box.size_wh: _hidden(detail, place, size_wh))
        places.append((left, min(top, bottom)))
        top += height + INSET
    return places


def _hidden(detail: np.ndarray, place: tuple[int, int], size_wh: tuple[int, int]) -> float:
    """Mean of `detail` (H, W) under a box at `place` (left, top)."""
    (left, top), (width, height) = place, size_wh
    return float(detail[top : top + height, left : left + width].mean())


def _outline(draw: ImageDraw.ImageDraw, box: Box, place: tuple[int, int], panel_wh: tuple[int, int]) -> None:
    """The box, and of speech the tail toward the middle of the panel."""
    left, top = place
    right, bottom = left + box.size_wh[0], top + box.size_wh[1]
    edges = [FINE * v for v in (left, top, right, bottom)]
    line = FINE * BORDER
    if box.narrated:
        draw.rectangle(edges, NARRATION, INK, line)
        return
    radius = FINE * min(22, (bottom - top) // 2)
    below = (top + bottom) / 2 < panel_wh[1] / 2
    base, sign = (bottom, 1) if below else (top, -1)
    root = left + (right - left) * (0.35 if (left + right) / 2 > panel_wh[0] / 2 else 0.65)
    lean = 12 if root < panel_wh[0] / 2 else -12
    tip = FINE * (root + lean), FINE * (base + sign * 20)
    sides = [(FINE * (root + offset), FINE * (base - sign * BORDER)) for offset in (-9, 9)]
    draw.rounded_rectangle(edges, radius, PAPER, INK, line)
    draw.polygon([sides[0], tip, sides[1]], PAPER)
    for side in sides:
        draw.line([side, tip], INK, line)


@functools.cache
def _loaded(name: str | None, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(name, size) if name else ImageFont.load_default(size)


@functools.cache
def _has(name: str | None, letter: str) -> bool:
    """Whether the font does not draw `letter` as the box that stands for letters it lacks."""
    letter, missing = (_loaded(name, SIZE).getmask(c) for c in (letter, "\uffff"))
    return letter.size != missing.size or bytes(letter) != bytes(missing)


def _installed(name: str) -> bool:
    try:
        ImageFont.truetype(name, SIZE)
    except OSError:
        return False
    return True
