"""How far colors and gradients of toons are from a style's: sliced Wasserstein distance of histograms.

    SW(P, Q) = mean_k W1(<P, d_k>, <Q, d_k>),   W1 = ∫ |CDF_P - CDF_Q|

(Rabin et al. 2011; Bonneel et al. 2015.)

Directions d_k are fixed, points are counted in fixed bins: the result has no chance in it and no order, and
needs no weights of any network.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from multitoon.color import rgb_to_lab
from multitoon.errors import UsageError
from multitoon.filters.gradient import luminance, sobel

BINS = 4096


class Projections:
    """Counts of points (N, d) along `directions` (K, d), in `BINS` bins from -`reach` to `reach`.

    A distance is exact to the width of a bin, 2 `reach` / `BINS`.
    """

    def __init__(self, directions: Tensor, reach: float) -> None:
        self.directions, self.reach = directions, reach
        self.counts = torch.zeros(len(directions), BINS, dtype=torch.int64)

    def add(self, points: Tensor) -> None:
        """Count points (N, d); what lies beyond `reach` falls into the last bin."""
        along = points.to(self.directions.dtype) @ self.directions.T  # (N, K)
        bins = ((along / self.reach + 1) * (BINS / 2)).long().clamp(0, BINS - 1)
        bins += torch.arange(len(self.directions)) * BINS
        self.counts += torch.bincount(bins.flatten(), minlength=self.counts.numel()).view_as(self.counts)

    def distance(self, other: Projections) -> float:
        """The sliced Wasserstein distance to `other`, in the points' unit.

        Raises:
            UsageError: one of the two has no points.
        """
        if not (self.counts.any() and other.counts.any()):
            raise UsageError("A distance from no points; wanted at least one picture on each side.")
        a, b = ((side.counts.cumsum(1).double() / side.counts[0].sum()) for side in (self, other))
        return ((a - b).abs().sum(1).mean() * (2 * self.reach / BINS)).item()


def color_projections() -> Projections:
    """For `colors`: 32 directions over half a sphere; no color is further than 200 from black."""
    count = 32
    z = (torch.arange(count, dtype=torch.float64) + 0.5) / count
    turn = torch.arange(count, dtype=torch.float64) * math.pi * (3 - math.sqrt(5))  # Fibonacci's sphere
    ring = (1 - z * z).sqrt()
    return Projections(torch.stack([z, ring * turn.cos(), ring * turn.sin()], 1), 200.0)


def gradient_projections() -> Projections:
    """For `gradients`: 8 directions over half a circle; levels reach from -255 to 255."""
    angle = torch.arange(8, dtype=torch.float64) * math.pi / 8
    return Projections(torch.stack([angle.cos(), angle.sin()], 1), 255.0)


def colors(x: Tensor) -> Tensor:
    """L*a*b* of all pixels of `x` (B, 3, H, W) in [-1, 1], (N, 3); a distance of 2.3 is just noticeable."""
    return rgb_to_lab(x).permute(0, 2, 3, 1).reshape(-1, 3)


def gradients(x: Tensor) -> Tensor:
    """Gradients of luminance of all pixels of `x` (B, 3, H, W), (N, 2), in levels of 255 per pixel."""
    return 255 * sobel(luminance(x)).permute(0, 2, 3, 1).reshape(-1, 2)
