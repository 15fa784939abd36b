"""From the working size back to the photo's size, with the photo's own sharp edges.

The slope of the guided filter (He, Sun, Tang 2010) tells how much of the photo's luminance I the filtered
picture p still follows in a window: about 1 at an edge that was kept, about 0 on a texture that was smoothed
away. As in *Fast Guided Filter* (He, Sun 2015) it is computed at the small size:

    a = cov(I, p) / (var(I) + ε)        p_full = up(p) + up(a) · (I_full − up(I))

so only what the small size could not hold is added, and only where p kept the structure.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from multitoon.filters.gradient import luminance
from multitoon.image import float_to_pixels, pixels_to_float
from multitoon.tiles import spans

WINDOW = 2
"""Radius of the windows, in pixels of the working size."""
EPSILON = 0.05**2
"""ε: contrasts of I below 0.05, noise, weaves and skin, count as flat."""
STRIP = 256
"""Rows of the full size that are in memory at once."""


def follow(gray: Tensor, filtered: Tensor) -> Tensor:
    """The slope a, (B, C, H, W), of `filtered` (B, C, H, W) over `gray` (B, 1, H, W) in [0, 1]."""
    mean_gray, mean_filtered = _box(gray), _box(filtered)
    variance = _box(gray * gray) - mean_gray * mean_gray
    covariance = _box(gray * filtered) - mean_gray * mean_filtered
    return _box(covariance / (variance.clamp_min(0) + EPSILON))


def rows(x: Tensor, top: int, bottom: int, size: tuple[int, int]) -> Tensor:
    """Rows `top` to `bottom` of `x` (B, C, h, w) enlarged to `size` (H, W): (B, C, bottom − top, W).

    The same as `F.interpolate(x, size, mode="bilinear")[:, :, top:bottom]` without holding the rest.
    """
    height, width = size
    if x.shape[-2:] == size:
        return x[:, :, top:bottom]
    y = (torch.arange(top, bottom, device=x.device, dtype=x.dtype) * 2 + 1) / height - 1
    across = (torch.arange(width, device=x.device, dtype=x.dtype) * 2 + 1) / width - 1
    grid = torch.stack(torch.meshgrid(y, across, indexing="ij")[::-1], dim=-1)
    grid = grid.expand(x.shape[0], -1, -1, -1)
    return F.grid_sample(x, grid, mode="bilinear", padding_mode="border", align_corners=False)


def enlarge(toon: Tensor, small: Tensor, photo: Tensor) -> Tensor:
    """`toon` (1, 3, h, w) of `small`, the photo at a smaller size, at the size of `photo` (1, 3, H, W).

    `toon` and `small` are floats in [-1, 1]; `photo` and the result are uint8, so that only `STRIP` rows at a
    time are floats at full size.
    """
    gray, size = luminance(small), tuple(photo.shape[-2:])
    slope = follow(gray, toon)
    result = torch.empty_like(photo)
    for top, bottom in spans(size[0], STRIP, 1):
        full = luminance(pixels_to_float(photo[:, :, top:bottom]))
        lost = full - rows(gray, top, bottom, size)
        strip = rows(toon, top, bottom, size) + rows(slope, top, bottom, size) * lost
        result[:, :, top:bottom] = float_to_pixels(strip)
    return result


def _box(x: Tensor) -> Tensor:
    padded = F.pad(x, (WINDOW,) * 4, mode="replicate")
    return F.avg_pool2d(padded, 2 * WINDOW + 1, stride=1)
