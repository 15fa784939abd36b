"""The guided filter (He, Sun, Tang 2010): a smoothing that follows the edges of another picture."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def guided_filter(guide: Tensor, x: Tensor, radius: int, eps: float) -> Tensor:
    """`x` (B, C, H, W) smoothed so that it is locally affine in `guide` (B, 1, H, W): q = a I + b (eq. 5, 6).

    `radius` is in pixels: windows are squares of side 2 radius + 1, cut at the border. `eps` is the
    variance of the guide, in its own units, below which an edge is smoothed over.
    """
    mean_guide, mean_x = _box(guide, radius), _box(x, radius)
    covariance = _box(guide * x, radius) - mean_guide * mean_x
    a = covariance / (_box(guide * guide, radius) - mean_guide**2 + eps)
    b = mean_x - a * mean_guide
    return _box(a, radius) * guide + _box(b, radius)


def _box(x: Tensor, radius: int) -> Tensor:
    """The mean over each window, cut at the border; two 1-D passes by running sums, whatever the radius."""
    for dim in (-1, -2):
        size = x.shape[dim]
        sums = F.pad(x.transpose(dim, -1).cumsum(-1), (1, 0))  # sums[i]: the first i values
        place = torch.arange(size, device=x.device)
        low, high = (place - radius).clamp(min=0), (place + radius + 1).clamp(max=size)
        x = ((sums[..., high] - sums[..., low]) / (high - low)).transpose(dim, -1)
    return x
