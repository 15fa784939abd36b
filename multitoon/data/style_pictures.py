"""The pictures of a style: a folder of any size, decoded when it is needed, and its random crops."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from pathlib import Path

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from multitoon.color import rgb_to_yuv, yuv_to_rgb
from multitoon.errors import TrainingError
from multitoon.image import pixels_to_float, read_photo, to_pixels

KEPT = 1024
"""Decoded pictures that stay in memory, about 300 KB each: a folder of frames may hold a whole film."""


@dataclasses.dataclass(frozen=True)
class StyleCropConfig:
    """How pictures of the style are cut and varied; few pictures want more of it."""

    side: int = 288
    """Pictures are scaled down to this short side, pixels, before they are cut."""
    border: int = 4
    """Pixels at their edges that are never used: scans have margins, frames black bars."""
    smallest: float = 0.8
    """Crops are cut this many times smaller than wanted, and enlarged ..."""
    largest: float = 1.6
    """... up to this many times larger, and reduced."""
    brightness: float = 0.05
    """Added to R, G, B, at most, in [-1, 1]; drawn per crop, as the next two."""
    contrast: float = 0.1
    """Share by which contrast changes at most."""
    saturation: float = 0.1
    """Share by which chroma changes at most."""


class StylePictures:
    """`len(pictures)` pictures; `pictures[i]` is uint8 (3, H, W) with a short side of at most `side` pixels.

    Files are read when they are first asked for: a folder of 100,000 frames starts as fast as one of 50.

    Raises:
        TrainingError: no files.
        ImageReadError: upon access, a file that is not a readable picture.
    """

    def __init__(self, files: list[Path], side: int = 288) -> None:
        if not files:
            raise TrainingError("There are no pictures of the style.", "Pass --style-images DIR.")
        self.files = files
        self.side = side
        self._decoded: OrderedDict[int, Tensor] = OrderedDict()

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> Tensor:
        if index in self._decoded:
            self._decoded.move_to_end(index)
            return self._decoded[index]
        picture = read_photo(self.files[index]).rgb
        scale = self.side / min(picture.size)
        if scale < 1:
            size_wh = tuple(max(self.side, round(edge * scale)) for edge in picture.size)
            picture = picture.resize(size_wh, Image.Resampling.LANCZOS)
        self._decoded[index] = to_pixels(picture)[0]
        if len(self._decoded) > KEPT:
            self._decoded.popitem(last=False)
        return self._decoded[index]


def style_crops(
    pictures: StylePictures, count: int, crop: int, config: StyleCropConfig, generator: torch.Generator
) -> Tensor:
    """Random crops, float [-1, 1] (count, 3, crop, crop): place, scale, mirroring, light and color vary.

    A picture that is smaller than the crop is used whole and enlarged.
    """
    crops = []
    for _ in range(count):
        pixels = pictures[int(torch.randint(len(pictures), (), generator=generator))]
        place = torch.rand(7, generator=generator).tolist()
        scale = config.smallest * (config.largest / config.smallest) ** place[0]
        height, width = (edge - 2 * config.border for edge in pixels.shape[1:])
        side = max(8, min(round(crop * scale), height, width))
        top = config.border + round(place[1] * (height - side))
        left = config.border + round(place[2] * (width - side))
        cut = pixels_to_float(pixels[None, :, top : top + side, left : left + side])
        if side != crop:
            cut = F.interpolate(cut, (crop, crop), mode="bilinear", antialias=True, align_corners=False)
        cut = cut.flip(-1) if place[3] < 0.5 else cut
        crops.append(_varied(cut, [2 * share - 1 for share in place[4:]], config))
    return torch.cat(crops)


def _varied(x: Tensor, shares: list[float], config: StyleCropConfig) -> Tensor:
    yuv = rgb_to_yuv(x)
    middle = yuv[:, :1].mean()
    y = middle + (yuv[:, :1] - middle) * (1 + config.contrast * shares[0]) + config.brightness * shares[1]
    return yuv_to_rgb(torch.cat([y, yuv[:, 1:] * (1 + config.saturation * shares[2])], 1)).clamp(-1, 1)
