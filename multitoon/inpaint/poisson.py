"""Poisson blending (Pérez, Gangnet, Blake 2003): a patch's gradients in the hole, the photo's colors around.

    G u = G v inside the hole,   u = photo outside

where v is what is pasted and G the Laplacian of the grid of pixels, with free ends at the picture's border.
Solved for the difference d = u - v, which is smooth, by conjugate gradients from coarse to fine. The photo is
read on the pixels beside the hole only, never inside it.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from multitoon.errors import UsageError

Operator = Callable[[Tensor, float], Tensor]

TOLERANCE = 1e-3
"""Residual over the right side's at which a solution counts as found: after the coarse start, what is left is
far below one level of 255."""
MAX_STEPS = 100
"""Of conjugate gradients, on each scale."""
COARSEST = 8
"""Sides in pixels below which no coarser start is made."""


def blend(photo: Tensor, pasted: Tensor, hole: Tensor) -> Tensor:
    """`photo` with `pasted` cloned into the hole, seam gone: (B, C, H, W).

    Args:
        photo: (B, C, H, W); what it holds inside the hole, NaN included, has no influence.
        pasted: (B, C, H, W), its values on and right beside the hole matter.
        hole: (B, 1, H, W), 1 = hole.

    Raises:
        UsageError: shapes that do not fit.

    >>> x, hole = torch.rand(1, 3, 8, 8), torch.zeros(1, 1, 8, 8)
    >>> hole[..., 2:5, 3:6] = 1
    >>> torch.allclose(blend(x, x, hole), x)
    True
    """
    check_hole(photo, hole)
    if pasted.shape != photo.shape:
        raise UsageError(f"pasted is {tuple(pasted.shape)}, must be the photo's {tuple(photo.shape)}.")
    difference = torch.where(hole > 0, 0.0, photo - pasted)
    difference = solve(lambda u, _: graph_laplacian(u), difference, hole)
    return torch.where(hole > 0, pasted + difference, photo)


def integrate(photo: Tensor, across: Tensor, down: Tensor, hole: Tensor) -> Tensor:
    """`photo` with, in the hole, the picture whose differences come closest to `across` and `down`.

    minimize over the hole's pixels    sum of (u[y, x + 1] - u[y, x] - across[y, x])^2 and the same downward

    which is the system above with differences that need not be those of any picture.

    Args:
        photo: (B, C, H, W); what it holds inside the hole, NaN included, has no influence.
        across: (B, C, H, W - 1), each pixel less its left neighbor.
        down: (B, C, H - 1, W), each pixel less its upper neighbor.
        hole: (B, 1, H, W), 1 = hole.

    Raises:
        UsageError: shapes that do not fit.

    >>> x, hole = torch.rand(1, 3, 8, 8), torch.zeros(1, 1, 8, 8)
    >>> hole[..., 2:5, 3:6] = 1
    >>> torch.allclose(integrate(x, x.diff(dim=-1), x.diff(dim=-2), hole), x, atol=1e-3)
    True
    """
    check_hole(photo, hole)
    wanted = (photo[..., 1:].shape, photo[..., 1:, :].shape)
    if (across.shape, down.shape) != wanted:
        raise UsageError(
            f"across and down are {tuple(across.shape)} and {tuple(down.shape)}, "
            f"must be {tuple(wanted[0])} and {tuple(wanted[1])}."
        )
    right = (
        F.pad(across, (1, 0)) - F.pad(across, (0, 1)) + F.pad(down, (0, 0, 1, 0)) - F.pad(down, (0, 0, 0, 1))
    )
    known = photo.masked_fill(hole > 0, 0.0)
    return solve(lambda u, _: graph_laplacian(u), known, hole, right=right).where(hole > 0, photo)


def graph_laplacian(u: Tensor) -> Tensor:
    """Four times each pixel less its neighbors, (B, C, H, W); one beyond the border counts as equal."""
    padded = F.pad(u, (1, 1, 1, 1), mode="replicate")
    around = padded[..., :-2, 1:-1] + padded[..., 2:, 1:-1] + padded[..., 1:-1, :-2] + padded[..., 1:-1, 2:]
    return 4 * u - around


def solve(
    operator: Operator, known: Tensor, hole: Tensor, pixel: float = 1.0, right: Tensor | None = None
) -> Tensor:
    """`known` with values inside the hole such that `operator` of the whole is `right` there.

    Args:
        operator: linear, symmetric and positive on pictures, given the side of a pixel (1 at full size, then
            2, 4, ...), such as `graph_laplacian`.
        known: (B, C, H, W), finite; values inside the hole have no influence.
        hole: (B, 1, H, W), 1 = hole. Where a picture is all hole, zeros come out.
        pixel: side of one of `known`'s pixels.
        right: (B, C, H, W), its values in the hole matter; None is 0.
    """
    inside = (hole > 0).to(known.dtype)
    known = known * (1 - inside)
    right = torch.zeros_like(known) if right is None else right * inside
    start = inside * _coarse_start(operator, known, inside, pixel, right)
    left = right - inside * operator(known, pixel)
    return known + _conjugate_gradients(lambda u: inside * operator(u, pixel), start, left)


def check_hole(photo: Tensor, hole: Tensor) -> None:
    """Raises UsageError unless `hole` is (B, 1, H, W) for a photo (B, C, H, W)."""
    if photo.ndim != 4 or hole.shape != (len(photo), 1, *photo.shape[-2:]):
        raise UsageError(
            f"hole is {tuple(hole.shape)}, must be (B, 1, H, W) for a photo {tuple(photo.shape)}."
        )


def _coarse_start(operator: Operator, known: Tensor, inside: Tensor, pixel: float, right: Tensor) -> Tensor:
    """A first guess: the solution at half the size, enlarged; the mean of what is known where it is small."""
    height, width = known.shape[-2:]
    if max(height, width) < COARSEST or not inside.any():
        mean = known.sum((-2, -1), keepdim=True) / (1 - inside).sum((-2, -1), keepdim=True).clamp_min(1)
        return mean.expand_as(known)
    half = ((height + 1) // 2, (width + 1) // 2)
    share = F.adaptive_avg_pool2d(1 - inside, half)
    small = F.adaptive_avg_pool2d(known, half) / share.clamp_min(1e-6)
    # A coarse pixel is known where any of its own pixels is: holes only shrink on the way down.
    # `graph_laplacian` of a smooth picture is four times as large where pixels are twice as far apart.
    right = 4 * F.adaptive_avg_pool2d(right, half)
    coarse = solve(operator, small, (share == 0).to(known.dtype), 2 * pixel, right)
    return F.interpolate(coarse, size=(height, width), mode="bilinear", align_corners=False)


def _conjugate_gradients(operator: Callable[[Tensor], Tensor], x: Tensor, right: Tensor) -> Tensor:
    """x with operator(x) = right, from the start `x`; each channel of each picture is a system of its own."""

    def dot(a: Tensor, b: Tensor) -> Tensor:
        return (a * b).sum((-2, -1), keepdim=True)

    residual = right - operator(x)
    direction, size = residual, dot(residual, residual)
    enough = TOLERANCE**2 * dot(right, right) + 1e-12
    for _ in range(MAX_STEPS):
        if (size <= enough).all():
            break
        image = operator(direction)
        # A system that is solved has no direction left: its step is 0, not 0 / 0.
        step = size / dot(direction, image).clamp_min(1e-30)
        x = x + step * direction
        residual = residual - step * image
        previous, size = size, dot(residual, residual)
        direction = residual + size / previous.clamp_min(1e-30) * direction
    return x
