"""Pictures whose edges are known: a disc, a ramp and a grating, with their analytic tangents."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def coordinates(size: int) -> tuple[Tensor, Tensor]:
    """x and y of the pixels' centers, (size, size) each, from the picture's center."""
    line = torch.arange(size) - (size - 1) / 2
    y, x = torch.meshgrid(line, line, indexing="ij")
    return x, y


def disc(size: int = 128, radius: float = 40.0) -> tuple[Tensor, Tensor]:
    """A dark disc on light ground, (1, 1, size, size), and its tangents, (1, 2, size, size)."""
    x, y = coordinates(size)
    distance = torch.hypot(x, y)
    gray = 0.2 + 0.6 * (distance - radius + 0.5).clamp(0, 1)  # one pixel of gray at the border
    return gray[None, None], torch.stack([-y, x])[None] / distance


def ramp(size: int = 96, degrees: float = 30.0) -> tuple[Tensor, Tensor]:
    """Luminance that grows towards `degrees`, and its tangents."""
    x, y = coordinates(size)
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return (0.5 + 0.005 * (c * x + s * y))[None, None], _constant(-s, c, size)


def grating(
    size: int = 128, degrees: float = 25.0, period: float = 16.0, noise: float = 0.05, seed: int = 0
) -> tuple[Tensor, Tensor]:
    """A sinusoid of amplitude 0.3 across `degrees` with Gaussian noise, and its tangents."""
    x, y = coordinates(size)
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    gray = 0.5 + 0.3 * torch.sin(2 * math.pi / period * (c * x + s * y))
    gray = gray + noise * torch.randn(size, size, generator=torch.Generator().manual_seed(seed))
    return gray.clamp(0, 1)[None, None], _constant(-s, c, size)


def _constant(x: float, y: float, size: int) -> Tensor:
    return torch.tensor([x, y]).view(1, 2, 1, 1).expand(1, 2, size, size)


def angle(a: Tensor, b: Tensor) -> Tensor:
    """Degrees in [0, 90] between two fields of unit tangents (B, 2, H, W), as (B, H, W)."""
    cross = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    return torch.rad2deg(torch.atan2(cross.abs(), (a * b).sum(1).abs()))
