"""The generalized Kuwahara filter: a brush that leaves flat dabs with crisp edges.

Papari, Petkov, Campisi, *Artistic Edge and Corner Enhancing Smoothing*, IEEE TIP 2007: around each pixel lie
eight soft sectors with means m_i and deviations s_i, and the pixel becomes

    Σ m_i s_i^-q / Σ s_i^-q                                                              (their equation 12)

so that it takes its color from the calmest side and never from across an edge.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from multitoon.errors import UsageError

SECTORS = 8
OVERLAP = 1.5
"""How many sectors' width one spans: its weight falls to zero on the middle axes of its neighbors."""
NOISE = 1e-4
"""Variance, in a picture in [-1, 1], below which a sector counts as flat: equally flat ones are averaged."""


def kuwahara(x: Tensor, radius: int, sharpness: float = 8.0) -> Tensor:
    """`x` (B, C, H, W) in dabs of about `radius` pixels; all channels follow the same sectors.

    Args:
        radius: of the sectors, pixels, at least 1; their weight is a Gaussian of half that.
        sharpness: q: 0 is a blur, 8 takes the calmest sector nearly alone.

    Raises:
        UsageError: `radius` is below 1.
    """
    if radius < 1:
        raise UsageError(f"radius is {radius}, must be at least 1 pixel.")
    sectors = _sectors(radius).to(x)[:, None]  # (SECTORS, 1, 2 radius + 1, 2 radius + 1)
    batch, channels, height, width = x.shape
    padded = F.pad(x, (radius,) * 4, mode="replicate").flatten(0, 1)[:, None]
    shape = (batch, channels, SECTORS, height, width)
    mean = F.conv2d(padded, sectors).view(shape)
    variance = F.conv2d(padded.square(), sectors).view(shape) - mean.square()
    total = variance.clamp_min(0).sum(1, keepdim=True)  # (B, 1, SECTORS, H, W)
    share = ((total + NOISE) / NOISE).pow(-sharpness / 2)
    return (mean * share).sum(2) / share.sum(2)


def _sectors(radius: int) -> Tensor:
    """The sectors' weights, (SECTORS, 2 radius + 1, 2 radius + 1); each sums to 1 and holds its own pixel."""
    place = torch.arange(-radius, radius + 1, dtype=torch.float64)
    y, x = torch.meshgrid(place, place, indexing="ij")
    distance, angle = torch.hypot(x, y), torch.atan2(y, x)
    near = torch.exp(-2 * (distance / radius).square()) * (distance < radius + 0.5)
    width = 2 * math.pi / SECTORS
    sectors = []
    for i in range(SECTORS):
        aside = (angle - i * width + math.pi).remainder(2 * math.pi) - math.pi
        weight = near * torch.cos(aside / OVERLAP * (math.pi / 2 / width)).clamp_min(0)
        weight = weight * (aside.abs() < OVERLAP * width)
        weight[radius, radius] = 1
        sectors.append(weight / weight.sum())
    return torch.stack(sectors)
