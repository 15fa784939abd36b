"""The size that toons are drawn at: large photos on a small canvas, and their toons enlarged from there."""

from __future__ import annotations

import torch
from PIL import Image
from torch import Tensor

from multitoon.errors import UsageError
from multitoon.filters.upsample import enlarge
from multitoon.image import pixels_to_float, to_image, to_pixels, to_tensor


def canvas_of(rgb: Image.Image, draw_size: int | None) -> Image.Image:
    """`rgb`, or a copy whose shorter side has `draw_size` pixels if it has more.

    Raises:
        UsageError: a size below 1.
    """
    if draw_size is not None and draw_size < 1:
        raise UsageError(f"draw_size is {draw_size}, must be at least 1 pixel, or None to draw every pixel.")
    shorter = min(rgb.size)
    if draw_size is None or shorter <= draw_size:
        return rgb
    return rgb.resize([round(side * draw_size / shorter) for side in rgb.size], Image.Resampling.LANCZOS)


def at_full_size(toon: Tensor, canvas: Image.Image, rgb: Image.Image) -> Image.Image:
    """The toon (1, 3, h, w), uint8, of `canvas` at the size of the photo `rgb`, which `canvas` shows."""
    if canvas is rgb:
        return to_image(toon)
    with torch.inference_mode():
        return to_image(enlarge(pixels_to_float(toon), to_tensor(canvas), to_pixels(rgb)))
