"""Black bars above, below and beside a film's picture."""

from __future__ import annotations

import dataclasses

import numpy as np

DARK = 0.1
"""Luminance in [0, 1] that a bar stays below, but for a few pixels."""
SHARE = 0.95
"""Share of a row's pixels that have to be dark: a bar may hold specks of a subtitle."""
ALWAYS = 0.9
"""Share of the frames in which a row has to be dark; nights are, but not all the time."""
ENOUGH = 12
"""Frames that have to be seen before any row is called a bar."""
MOST = 0.7
"""Share of a side that bars may take away together; more is no bar but a dark film."""


@dataclasses.dataclass
class Letterbox:
    """What a film's frames have in common at their edges; `add` each of them, all of one size."""

    seen: int = 0
    rows: np.ndarray | None = None
    """(H,) in how many frames each row was dark."""
    columns: np.ndarray | None = None
    """(W,) the same for columns."""

    def add(self, gray: np.ndarray) -> None:
        """Count `gray` (H, W), luminance in [0, 1] of a frame that shows a scene."""
        dark = gray < DARK
        rows, columns = dark.mean(1) >= SHARE, dark.mean(0) >= SHARE
        if self.rows is None or self.columns is None or self.rows.shape != rows.shape:
            self.seen, self.rows, self.columns = 0, np.zeros(len(rows), int), np.zeros(len(columns), int)
        self.seen += 1
        self.rows += rows
        self.columns += columns

    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the picture between the bars, as shares of width and height.

        (0, 0, 1, 1) without bars. Where there is a bar, the row beside it goes too: it may be half of it.
        """
        if self.seen < ENOUGH or self.rows is None or self.columns is None:
            return 0.0, 0.0, 1.0, 1.0
        top, bottom = _inside(self.rows >= ALWAYS * self.seen)
        left, right = _inside(self.columns >= ALWAYS * self.seen)
        return left, top, right, bottom


def cropped(picture: np.ndarray, box: tuple[float, float, float, float]) -> np.ndarray:
    """The part of `picture` (H, W, ...) in `box`, as `Letterbox.box` gives it; a view."""
    height, width = picture.shape[:2]
    left, top, right, bottom = (
        round(share * side) for share, side in zip(box, (width, height, width, height), strict=True)
    )
    return picture[top:bottom, left:right]


def _inside(bar: np.ndarray) -> tuple[float, float]:
    """First and last edge, as shares, of what lies between the bars at both ends."""
    if bar.all():
        return 0.0, 1.0
    first, last = int(bar.argmin()), len(bar) - int(bar[::-1].argmin())
    first, last = first + (first > 0), last - (last < len(bar))
    if last - first < (1 - MOST) * len(bar):
        return 0.0, 1.0
    return first / len(bar), last / len(bar)
