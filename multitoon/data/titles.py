"""Frames that show no scene: black, of one color, or nothing but words."""

from __future__ import annotations

from typing import Literal

import numpy as np

BLACK, BLACK_SHARE = 0.1, 0.98
"""Luminance in [0, 1] that a black frame stays below, and the share of its pixels that do: some may glow."""
FLAT = 0.02
"""Standard deviation of luminance of a frame of one color."""
GROUND = 0.06
"""Distance in luminance from the most frequent one that still belongs to the ground of a title."""
GROUND_SHARE = 0.6
"""Share of a title that is its ground; lettering covers the rest."""
INK = 0.2
"""Distance in luminance from the ground at which something is printed on it."""
MARGIN = 0.03
"""Share of each side that titles leave free, and pictures don't."""
STROKES = 4
"""Changes between ground and ink in a middling row of lettering; a figure before the sky has 2."""
THICK = 0.03
"""Share of the frame's height; of the ink of letters little is as thick, both ways."""


def no_scene(gray: np.ndarray) -> Literal["black", "blank", "title", None]:
    """What `gray` (H, W), luminance in [0, 1], shows instead of a scene; None if it shows one.

    Words over a picture count as a picture.
    """
    if (gray < BLACK).mean() >= BLACK_SHARE:
        return "black"
    if gray.std() < FLAT:
        return "blank"
    return "title" if is_title(gray) else None


def is_title(gray: np.ndarray) -> bool:
    """Whether `gray` (H, W) in [0, 1] is lettering on an even ground: a title, a chapter, the cast."""
    counts, edges = np.histogram(gray, 64, (0, 1))
    ground = (edges[counts.argmax()] + edges[counts.argmax() + 1]) / 2
    if (np.abs(gray - ground) < GROUND).mean() < GROUND_SHARE:
        return False
    ink = np.abs(gray - ground) > INK
    height, width = ink.shape
    top, left = max(1, round(MARGIN * height)), max(1, round(MARGIN * width))
    if not ink.any() or ink[:, :left].any() or ink[:, -left:].any():
        return False  # the cast may roll over the upper and lower edge, but not over the sides
    rows = ink[top:-top].any(1)
    changes = (ink[top:-top, 1:] != ink[top:-top, :-1]).sum(1)[rows]
    if not len(changes) or np.median(changes) < STROKES:
        return False
    return _opened(ink, max(2, round(THICK * height))).sum() < 0.5 * ink.sum()


def _opened(mask: np.ndarray, side: int) -> np.ndarray:
    """What of `mask` is covered by squares of `side` pixels that lie in it: a morphological opening."""
    corners = _sums(mask, side) == side**2  # upper left corners of such squares
    return _sums(np.pad(corners, side - 1), side) > 0


def _sums(mask: np.ndarray, side: int) -> np.ndarray:
    """(H - side + 1, W - side + 1): how many pixels of each square of `side` are set."""
    total = np.pad(mask.astype(np.int32).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    return total[side:, side:] - total[:-side, side:] - total[side:, :-side] + total[:-side, :-side]
