"""Luminance, Gaussian smoothing and Sobel gradients: what every classical filter here begins with.

Lengths are in pixels, luminance is in [0, 1]. Any size from 1×1 works, and a constant picture stays
constant up to its border.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from multitoon.color import luma
from multitoon.errors import UsageError


def luminance(x: Tensor) -> Tensor:
    """The luminance of an RGB picture, (B, 3, H, W) in [-1, 1], as (B, 1, H, W) in [0, 1].

    0.299 R + 0.587 G + 0.114 B (ITU-R BT.601, gamma left in) of R, G, B moved to [0, 1].

    Raises:
        UsageError: `x` is not (B, 3, H, W).
    """
    require_channels(x, 3, "picture")
    return (luma(x) + 1) / 2


def gaussian_taps(sigma: float, radius: int) -> list[float]:
    """The 2·`radius` + 1 weights of a sampled Gaussian of `sigma` pixels; they sum to 1."""
    taps = [math.exp(-(offset**2) / (2 * sigma**2)) for offset in range(-radius, radius + 1)]
    total = sum(taps)
    return [tap / total for tap in taps]


def gaussian_blur(x: Tensor, sigma: float) -> Tensor:
    """`x` (B, C, H, W) convolved with a Gaussian of `sigma` pixels, cut off at 3 `sigma`.

    Raises:
        UsageError: `sigma` is not positive.
    """
    require_positive(sigma, "sigma")
    radius = math.ceil(3 * sigma)
    channels = x.shape[1]
    taps = x.new_tensor(gaussian_taps(sigma, radius))
    padded = F.pad(x, (radius, radius, radius, radius), mode="replicate")
    padded = F.conv2d(padded, taps.view(1, 1, 1, -1).expand(channels, 1, 1, -1), groups=channels)
    return F.conv2d(padded, taps.view(1, 1, -1, 1).expand(channels, 1, -1, 1), groups=channels)


def sobel(gray: Tensor) -> Tensor:
    """(∂/∂x, ∂/∂y) of `gray` (B, 1, H, W), as (B, 2, H, W) in units of luminance per pixel.

    The Sobel kernels divided by 8, so that a ramp I = s·x gives exactly s. The picture is continued linearly
    for that: with repeated pixels, tangents at the border would lean to it.

    Raises:
        UsageError: `gray` is not (B, 1, H, W).
    """
    require_channels(gray, 1, "gray picture")
    wide = _extended(gray, dim=3)  # (B, 1, H, W + 2)
    dx = (wide[..., 2:] - wide[..., :-2]) / 2
    smooth = (wide[..., 2:] + 2 * gray + wide[..., :-2]) / 4
    dx, smooth = _extended(dx, dim=2), _extended(smooth, dim=2)  # (B, 1, H + 2, W)
    dx = (dx[:, :, 2:] + 2 * dx[:, :, 1:-1] + dx[:, :, :-2]) / 4
    dy = (smooth[:, :, 2:] - smooth[:, :, :-2]) / 2
    return torch.cat([dx, dy], dim=1)


def _extended(x: Tensor, dim: int) -> Tensor:
    """One more line at both ends of `dim`, each continuing the two before it linearly."""
    last = x.shape[dim] - 1
    ends = [(0, min(1, last)), (last, max(0, last - 1))]
    before, after = (2 * x.narrow(dim, a, 1) - x.narrow(dim, b, 1) for a, b in ends)
    return torch.cat([before, x, after], dim=dim)


def require_channels(x: Tensor, channels: int, what: str) -> None:
    """Raises UsageError unless `x` is a (B, `channels`, H, W) tensor with at least one pixel."""
    if x.ndim != 4 or x.shape[1] != channels or 0 in x.shape:
        raise UsageError(f"The {what} has shape {tuple(x.shape)}, must be (B, {channels}, H, W).")


def require_flow_for(flow: Tensor, x: Tensor) -> None:
    """Raises UsageError unless `flow` is (B, 2, H, W) with the B, H and W of `x`."""
    wanted = (x.shape[0], 2, *x.shape[2:])
    if tuple(flow.shape) != wanted:
        raise UsageError(f"The flow has shape {tuple(flow.shape)}, must be {wanted} for this picture.")


def require_positive(value: float, name: str) -> None:
    """Raises UsageError unless `value` is a finite number above 0."""
    if not (math.isfinite(value) and value > 0):
        raise UsageError(f"{name} is {value}, must be above 0.")
