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

WINDOW = 2
"""Radius of the windows, in pixels of the working size."""
EPSILON = 0.02**2
"""ε: contrasts of I below 0.02, noise and grain, count as flat."""


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


def _box(x: Tensor) -> Tensor:
    padded = F.pad(x, (WINDOW,) * 4, mode="replicate")
    return F.avg_pool2d(padded, 2 * WINDOW + 1, stride=1)
