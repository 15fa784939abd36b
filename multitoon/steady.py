"""Toons that hold still while the camera moves: the mean of four, each drawn at another place of the grid.

The network looks at pictures in squares of 4 and 8 pixels, so a thing that moves by one pixel is drawn a
little differently, and films shimmer. Averaged over shifts of the grid, most of that cancels out, and nothing
of other frames comes in, so nothing ghosts (cycle spinning: Coifman, Donoho 1995, *Translation-Invariant
De-Noising*).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

from multitoon.draw_size import DRAW_SIZE

SHIFTS = ((0, 0), (1, 2), (2, 1), (3, 3))
"""Right and down, in pixels that are drawn: each of 0 to 3 once in both directions, as in a Latin square."""


def steady(
    draw: Callable[[Image.Image], Image.Image], draw_size: int | None = DRAW_SIZE
) -> Callable[[Image.Image], Image.Image]:
    """`draw`, an RGB picture to one of the same size, averaged over `SHIFTS`: four times its work.

    Args:
        draw_size: shorter side in pixels at which `draw` draws larger pictures; None if it draws every pixel.
    """

    def drawn(photo: Image.Image) -> Image.Image:
        step = 1 if draw_size is None else max(1, round(min(photo.size) / draw_size))
        room = step * max(max(shift) for shift in SHIFTS)
        pixels, total = np.asarray(photo), np.zeros((photo.height, photo.width, 3), np.uint16)
        for across, down in SHIFTS:
            left, top = across * step, down * step
            # Of one size, whatever the shift, so that `draw` scales all alike.
            padded = np.pad(pixels, ((top, room - top), (left, room - left), (0, 0)), mode="edge")
            toon = np.asarray(draw(Image.fromarray(padded)))
            total += toon[top : top + photo.height, left : left + photo.width]
        return Image.fromarray(((total + len(SHIFTS) // 2) // len(SHIFTS)).astype(np.uint8))

    return drawn
