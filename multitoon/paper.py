"""Paper and silk under a painting: the last touch of a toon, laid on it and no part of any network.

A network draws what it sees, so that an empty sky stays as smooth as the photo's, and paper is not smooth.
Its grain is a fixed texture (fibers, threads, faint stains) that brightens and darkens the luminance, the
same for every picture: a film stays on one sheet. Large pictures have it large as well as fine.
"""

from __future__ import annotations

import functools
import math

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from multitoon.canvas import DRAW_SIZE
from multitoon.image import to_image, to_pixels

SHEET = 256
"""Side after which the texture repeats, at a short side of `DRAW_SIZE`; pixels."""
LARGEST = 8
"""Most that it is enlarged with the picture."""
STRIP = 256
"""Rows that are laid on it at once."""


def on_paper(toon: Image.Image, grain: float | Tensor) -> Image.Image:
    """The RGB picture `toon` on paper of this `grain`: the root mean square of luminance in [-1, 1].

    `grain` is a number, or a map (1, 1, h, w) of the picture's shape.
    """
    width, height = toon.size
    if isinstance(grain, Tensor):
        grain = F.interpolate(grain, (height, width), mode="bilinear", align_corners=False)
    elif grain == 0:
        return toon
    else:
        grain = torch.full((1, 1, 1, 1), grain).expand(1, 1, height, width)
    pixels = to_pixels(toon)
    scale = min(max(1.0, min(height, width) / DRAW_SIZE), LARGEST)
    sheets = [sheet(1.0)] if scale == 1 else [sheet(scale), sheet(1.0)]
    for top in range(0, height, STRIP):
        rows = slice(top, min(top + STRIP, height))
        texture = sum(_cut(one, rows, width) for one in sheets) / math.sqrt(len(sheets))
        levels = (127.5 * grain[:, :, rows] * texture).round().to(torch.int16)
        some = pixels[:, :, rows]
        some.copy_((some + levels).clamp_(0, 255))
    return to_image(pixels)


@functools.lru_cache(maxsize=4)
def sheet(scale: float) -> Tensor:
    """The texture, (S, S), `scale` times enlarged, of mean 0 and standard deviation 1; it tiles."""
    generator = torch.Generator().manual_seed(0)
    fibers = _noise(generator, 0.7, 0.7)
    threads = _noise(generator, 0.5, 3.0) + _noise(generator, 3.0, 0.5)
    stains = _noise(generator, 6.0, 6.0)
    texture = fibers + threads / math.sqrt(2) + 0.5 * stains
    if scale > 1:
        padded = F.pad(texture[None, None], (4, 4, 4, 4), mode="circular")
        enlarged = F.interpolate(padded, scale_factor=scale, mode="bicubic", align_corners=False)[0, 0]
        border, side = round(4 * scale), round(SHEET * scale)
        texture = enlarged[border : border + side, border : border + side]
    return texture / texture.std()


def _noise(generator: torch.Generator, sigma_y: float, sigma_x: float) -> Tensor:
    """White noise after a Gaussian blur that wraps around, (SHEET, SHEET), of standard deviation 1."""
    fy, fx = torch.fft.fftfreq(SHEET)[:, None], torch.fft.rfftfreq(SHEET)
    gaussian = torch.exp(-2 * (math.pi * sigma_y * fy) ** 2 - 2 * (math.pi * sigma_x * fx) ** 2)
    gaussian[0, 0] = 0
    noise = torch.fft.irfft2(torch.fft.rfft2(torch.randn(SHEET, SHEET, generator=generator)) * gaussian)
    return noise / noise.std()


def _cut(texture: Tensor, rows: slice, width: int) -> Tensor:
    """(rows, width) of the endless repetition of `texture`."""
    y = torch.arange(rows.start, rows.stop) % len(texture)
    repeats = -(-width // len(texture))
    return texture[y].repeat(1, repeats)[:, :width]
