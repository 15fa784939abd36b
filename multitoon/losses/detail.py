"""Detail: what is drawn, without what it is drawn on."""

from __future__ import annotations

from torch import Tensor

from multitoon.color import luma
from multitoon.filters.gradient import gaussian_blur

SIGMA = 4.0
"""Pixels of a 256² picture; finer than this is line and texture, coarser is shading."""


def detail(x: Tensor, sigma: float = SIGMA) -> Tensor:
    """Y - G_sigma * Y of pictures (B, 3, H, W) in [-1, 1], as (B, 1, H, W)."""
    y = luma(x)
    return y - gaussian_blur(y, sigma)


def detail_loss(toon: Tensor, target: Tensor) -> Tensor:
    """Mean over the pictures of 1 - corr(detail(toon), detail(target)), in [0, 2].

    Correlation does not see how strong the drawing is, only whether it is in the right places; a target
    without any detail, such as an empty sky, counts as 1.
    """
    a, b = (d - d.mean((1, 2, 3), keepdim=True) for d in (detail(toon), detail(target)))
    scale = (a.square().sum((1, 2, 3)) * b.square().sum((1, 2, 3)) + 1e-8).sqrt()
    return (1 - (a * b).sum((1, 2, 3)) / scale).mean()


def stroke_loss(toon: Tensor, target: Tensor) -> Tensor:
    """|Y - Y*|, weighted by how much darker than its surroundings the target is: max(0, -detail(Y*)).

    The L1 of `losses/distill.py` is least at the median: where a line is less likely than not to run through
    a pixel, it asks for none. Here ink counts more than what it is drawn on, so that lines are closed.
    """
    return (detail(target).neg().clamp_min(0) * luma(toon - target).abs()).mean()
