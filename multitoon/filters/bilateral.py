"""Flow-based bilateral filter: colors smoothed along the edges, then across them, never over them.

Kang, Lee, Chui, *Flow-Based Image Abstraction*, IEEE TVCG 2009, region smoothing (FBL):

    C_e(x) = 1/ν_e Σ_s I(c_x(s)) G_σe(s) G_γe(‖I(x) − I(c_x(s))‖)      along the streamline c_x
    C_g(x) = 1/ν_g Σ_t I(l_x(t)) G_σg(t) G_γg(‖I(x) − I(l_x(t))‖)      across it, on the straight line l_x

with G a Gaussian, ν the sum of the weights, and ‖·‖ the distance of two colors in RGB. The first tidies
what runs beside an edge and may be generous with colors; the second flattens a region's inside and must be
strict, or the edge would go. Alternated a few times.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import Tensor

from multitoon.errors import UsageError
from multitoon.filters.gradient import gaussian_taps, require_channels, require_flow_for, require_positive
from multitoon.filters.streamline import across, sample, walk


def flow_bilateral(
    x: Tensor,
    flow: Tensor,
    sigma_along: float = 2.0,
    range_along: float = 0.2,
    sigma_across: float = 2.0,
    range_across: float = 0.04,
    iterations: int = 3,
) -> Tensor:
    """`x` (B, 3, H, W) in [-1, 1] with flat regions and kept edges, the same shape and range.

    Args:
        flow: (B, 2, H, W), from `edge_tangent_flow`.
        sigma_along, sigma_across: σ_e and σ_g, how far colors are gathered, pixels.
        range_along, range_across: γ_e and γ_g, how different they may be: a distance in RGB with each
            channel in [0, 1]. The defaults are the paper's 50 and 10 of 255.
        iterations: 0 or more.

    Raises:
        UsageError: `x` or `flow` has another shape, or a parameter is out of range.
    """
    require_channels(x, 3, "picture")
    require_flow_for(flow, x)
    require_positive(sigma_along, "sigma_along")
    require_positive(range_along, "range_along")
    require_positive(sigma_across, "sigma_across")
    require_positive(range_across, "range_across")
    if iterations < 0:
        raise UsageError(f"iterations is {iterations}, must be 0 or more.")
    streamlines = list(walk(flow, math.ceil(2 * sigma_along)))  # the flow stays, so they do too
    for _ in range(iterations):
        x = _pass(x, streamlines, sigma_along, range_along)
        x = _pass(x, across(flow, math.ceil(2 * sigma_across)), sigma_across, range_across)
    return x


def _pass(x: Tensor, path: Iterable[tuple[int, Tensor]], sigma: float, color_range: float) -> Tensor:
    """The bilateral sum over the points of `path`, up to 2 `sigma` away."""
    steps = math.ceil(2 * sigma)
    taps = gaussian_taps(sigma, steps)[steps:]
    exponent = -1 / (2 * (2 * color_range) ** 2)  # x spans 2 from black to white, the range is given for 1
    total, weights = x * taps[0], torch.full_like(x[:, :1], taps[0])
    for step, points in path:
        other = sample(x, points)
        distance = (other - x).square_().sum(1, keepdim=True)
        weight = distance.mul_(exponent).exp_().mul_(taps[step])
        total.addcmul_(other, weight)
        weights.add_(weight)
    return total.div_(weights)
