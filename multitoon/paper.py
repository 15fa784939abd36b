"""Paper and silk under a painting: the last touch of a toon, laid on it and no part of any network.

A network draws what it sees, so that an empty sky stays as smooth as the photo's, and paper is not smooth.
Its grain is a fixed texture (fibers, threads, faint stains) that brightens and darkens the luminance, the
same for every picture: a film stays on one sheet. Large pictures have it large as well as fine. Numpy and
Pillow do all of it, so that exported networks have it without torch.
"""

from __future__ import annotations

import functools
import math

import numpy as np
from PIL import Image

from multitoon.draw_size import DRAW_SIZE

SHEET = 256
"""Side after which the texture repeats, at a short side of `DRAW_SIZE`; pixels."""
LARGEST = 8
"""Most that it is enlarged with the picture."""
STRIP = 256
"""Rows that are laid on it at once."""


def on_paper(toon: Image.Image, grain: float | np.ndarray) -> Image.Image:
    """The RGB picture `toon` on paper of this `grain`: the root mean square of luminance in [-1, 1].

    `grain` is a number, or a map (h, w) of the picture's shape.
    """
    if np.ndim(grain) == 0 and grain == 0:
        return toon
    width, height = toon.size
    pixels = np.array(toon)
    if np.ndim(grain):
        grains = _resized(grain, width, height)
    else:  # a view: large photos need no map of one number
        grains = np.broadcast_to(np.float32(grain), (height, width))
    scale = min(max(1.0, min(height, width) / DRAW_SIZE), LARGEST)
    sheets = [sheet(1.0)] if scale == 1 else [sheet(scale), sheet(1.0)]
    for top in range(0, height, STRIP):
        rows = slice(top, min(top + STRIP, height))
        texture = sum(_cut(one, rows, width) for one in sheets) / math.sqrt(len(sheets))
        levels = np.rint(127.5 * grains[rows] * texture).astype(np.int16)
        pixels[rows] = np.clip(pixels[rows] + levels[..., None], 0, 255)
    return Image.fromarray(pixels)


@functools.lru_cache(maxsize=4)
def sheet(scale: float) -> np.ndarray:
    """The texture, (S, S), `scale` times enlarged, of mean 0 and standard deviation 1; it tiles."""
    # This generator, unlike numpy's newer ones, gives the same numbers in every version.
    generator = np.random.RandomState(0)
    fibers = _noise(generator, 0.7, 0.7)
    threads = _noise(generator, 0.5, 3.0) + _noise(generator, 3.0, 0.5)
    stains = _noise(generator, 6.0, 6.0)
    texture = (fibers + threads / math.sqrt(2) + 0.5 * stains).astype(np.float32)
    if scale > 1:
        border, side = round(4 * scale), round(SHEET * scale)
        padded = np.pad(texture, 4, mode="wrap")
        enlarged = _resized(padded, side + 2 * border, side + 2 * border, Image.Resampling.BICUBIC)
        texture = enlarged[border : border + side, border : border + side]
    return texture / texture.std()


def _noise(generator: np.random.RandomState, sigma_y: float, sigma_x: float) -> np.ndarray:
    """White noise after a Gaussian blur that wraps around, (SHEET, SHEET), of standard deviation 1."""
    fy, fx = np.fft.fftfreq(SHEET)[:, None], np.fft.rfftfreq(SHEET)
    gaussian = np.exp(-2 * (math.pi * sigma_y * fy) ** 2 - 2 * (math.pi * sigma_x * fx) ** 2)
    gaussian[0, 0] = 0
    noise = np.fft.irfft2(np.fft.rfft2(generator.randn(SHEET, SHEET)) * gaussian)
    return noise / noise.std()


def _resized(
    values: np.ndarray, width: int, height: int, how: Image.Resampling = Image.Resampling.BILINEAR
) -> np.ndarray:
    return np.asarray(Image.fromarray(values.astype(np.float32)).resize((width, height), how))


def _cut(texture: np.ndarray, rows: slice, width: int) -> np.ndarray:
    """(rows, width) of the endless repetition of `texture`."""
    y = np.arange(rows.start, rows.stop) % len(texture)
    repeats = -(-width // len(texture))
    return np.tile(texture[y], (1, repeats))[:, :width]
