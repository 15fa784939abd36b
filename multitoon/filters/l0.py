"""Smoothing by L0 gradient minimization (Xu, Lu, Xu, Jia 2011): flat areas with sharp edges between them."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from multitoon.errors import UsageError

GROWTH = 2.0
"""kappa in the paper: by how much the auxiliary gradients are drawn closer in each round."""
BETA_MAX = 1e5
"""The closest they are drawn."""
MARGIN = 16
"""Pixels of the border's colors around the picture, since for the Fourier transform left and right touch."""


def l0_smooth(x: Tensor, strength: float) -> Tensor:
    """`x` (B, C, H, W) in [-1, 1] with as few changes from pixel to pixel as `strength` asks for.

    Minimizes sum (S - x)^2 + strength * #{p: |dS/dx| + |dS/dy| != 0} (section 2.2) by half-quadratic
    splitting: in turn, gradients whose squares sum up to less than strength / beta over the channels become
    zero (eq. 12), and S is the picture whose gradients come closest to them (eq. 8), while beta grows.
    `strength` is lambda, for colors in [0, 1] as in the paper.

    Raises:
        UsageError: a strength that is not positive.
    """
    if strength <= 0:
        raise UsageError(f"The strength of the L0 smoothing is {strength}, must be above 0.")
    colors = F.pad((x + 1) / 2, (MARGIN,) * 4, mode="replicate")
    wanted, curvature = torch.fft.rfft2(colors), _curvature(colors)
    smooth, beta = colors, 2 * strength
    while beta < BETA_MAX:
        across = smooth.roll(-1, -1) - smooth
        down = smooth.roll(-1, -2) - smooth
        edge = (across.square() + down.square()).sum(1, keepdim=True) >= strength / beta
        across, down = across * edge, down * edge
        divergence = across.roll(1, -1) - across + down.roll(1, -2) - down
        smooth = torch.fft.irfft2(
            (wanted + beta * torch.fft.rfft2(divergence)) / (1 + beta * curvature), s=colors.shape[-2:]
        )
        beta *= GROWTH
    return 2 * smooth[..., MARGIN:-MARGIN, MARGIN:-MARGIN] - 1


def _curvature(x: Tensor) -> Tensor:
    """|F(d/dx)|^2 + |F(d/dy)|^2 at the frequencies of the real transform of `x`, (H, W // 2 + 1)."""
    height, width = x.shape[-2:]
    down = 2 - 2 * torch.cos(2 * torch.pi * torch.fft.fftfreq(height, device=x.device, dtype=x.dtype))
    across = 2 - 2 * torch.cos(2 * torch.pi * torch.fft.rfftfreq(width, device=x.device, dtype=x.dtype))
    return down[:, None] + across
