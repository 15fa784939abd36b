"""Lines and shades: how well the luminance detail of two pictures agrees.

    detail = Y - G(Y), with G a Gaussian of 4 pixels;   r = Pearson's correlation of two details

It is blind to what is darker or brighter on a large scale, and to contrast as a whole; what is left is where
lines are and where shades end.
"""

from __future__ import annotations

import torch
from torch import Tensor

from multitoon.filters.gradient import gaussian_blur, luminance

SIGMA = 4.0
"""Pixels of a 256² picture that separate drawing from large-scale light and color."""


def luminance_detail(x: Tensor) -> Tensor:
    """Y - G(Y) of pictures (B, 3, H, W) in [-1, 1], as (B, 1, H, W) in [-1, 1]."""
    y = luminance(x)
    return y - gaussian_blur(y, SIGMA)


def detail_moments(toon: Tensor, other: Tensor) -> Tensor:
    """(B, 6): the count and the sums of a, b, a², b², ab over the details a, b of two sets of pictures.

    Moments add up: `pearson` of the rows is the correlation in each picture, of their sum that of the pool.
    """
    a, b = luminance_detail(toon).flatten(1), luminance_detail(other).flatten(1)
    return torch.stack([torch.ones_like(a), a, b, a * a, b * b, a * b], 1).sum(-1)


def pearson(moments: Tensor) -> Tensor:
    """The correlation (...,) in [-1, 1] of moments (..., 6); 0 where one side is constant."""
    n, a, b, aa, bb, ab = moments.unbind(-1)
    covariance = ab - a * b / n
    spread = ((aa - a * a / n) * (bb - b * b / n)).clamp_min(0).sqrt()
    return torch.where(spread > 0, covariance / spread.clamp_min(torch.finfo(spread.dtype).tiny), 0.0)
