"""A smooth fill from what surrounds a hole: where every search starts, and the least that it must beat.

A membrane keeps colors between those at the border but breaks slopes; a thin plate continues slopes but
overshoots in wide holes. Between them lies the spline under tension (Franke 1985), which minimizes

    sum |grad u|^2 + reach^2 * sum (lap u)^2

a plate on distances below `reach` and a membrane beyond: (G + reach^2 G^2) u = 0 inside the hole.
"""

from __future__ import annotations

from torch import Tensor

from multitoon.inpaint.poisson import check_hole, graph_laplacian, solve

REACH = 2.0
"""How far slopes are continued, in pixels."""


def smooth_fill(photo: Tensor, hole: Tensor, reach: float = REACH) -> Tensor:
    """`photo` (B, C, H, W) with its hole (B, 1, H, W; 1 = hole) filled smoothly; the rest is untouched.

    What lies under the hole, NaN included, has no influence. A picture that is all hole becomes zeros, which
    is mid-gray.

    Args:
        reach: distance in pixels below which slopes are continued; 0 gives the plain membrane.

    Raises:
        UsageError: shapes that do not fit.

    >>> import torch
    >>> x = torch.linspace(-1, 1, 9).expand(1, 1, 9, 9)
    >>> hole = torch.zeros(1, 1, 9, 9)
    >>> hole[..., 3:6, 3:6] = 1
    >>> torch.allclose(smooth_fill(x, hole), x, atol=1e-3)
    True
    """
    check_hole(photo, hole)

    def tension(u: Tensor, pixel: float) -> Tensor:
        bent = graph_laplacian(u)
        return bent + (reach / pixel) ** 2 * graph_laplacian(bent) if reach else bent

    known = photo.masked_fill(hole > 0, 0.0)
    return solve(tension, known, hole).where(hole > 0, photo)
