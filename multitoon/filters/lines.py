"""Coherent lines: differences of Gaussians across an edge, gathered along it.

Kang, Lee, Chui, *Coherent Line Drawing*, NPAR 2007, section 2.2 (flow-based difference of Gaussians, FDoG):

    F(x) = Σ_t I(x + t·n(x)) (G_σc(t) − ρ G_σs(t))      n ⊥ the flow: across the edge; σ_s = 1.6 σ_c
    H(x) = Σ_s G_σm(s) F(c_x(s))                         c_x: the flow's streamline through x
    line(x) = 0 (ink) where H(x) < 0 and 1 + tanh(φ H(x)) < τ, else 1 (paper)

With φ = 255 this is the paper's test on luminance in 0 … 255. Lines are drawn without stair-steps here: a
pixel that the threshold's contour runs through gets the share of ink that lies in it. The lines are then laid
over the picture and found again (`iterations`): that fills gaps, since ink is itself an edge to follow.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import Tensor

from multitoon.errors import UsageError
from multitoon.filters.gradient import (
    gaussian_blur,
    gaussian_taps,
    require_channels,
    require_flow_for,
    require_positive,
    sobel,
)
from multitoon.filters.streamline import across, sample, walk

SURROUND = 1.6
"""σ_s / σ_c: the DoG nearest to a Laplacian of Gaussian (Marr, Hildreth 1980)."""
GAIN = 255.0
"""φ, the slope of the tanh for luminance in [0, 1]."""
FADE = 0.5 / GAIN
"""Where H is nearly level, at the ends of weak lines, ink fades over this range of it."""
SPECK = 0.4
"""Share of ink along a streamline below which a stroke is a speck; the ends of long lines have ½."""


def line_response(
    gray: Tensor,
    flow: Tensor,
    sigma_c: float = 1.0,
    sigma_m: float = 3.0,
    rho: float = 0.99,
    tau: float = 0.5,
    iterations: int = 2,
) -> Tensor:
    """H of `gray` (B, 1, H, W) in [0, 1], of its shape, in units of luminance, negative on lines.

    It is smooth, so it can be enlarged first and thresholded afterwards: crisp at any size.

    Args:
        flow: (B, 2, H, W), from `edge_tangent_flow`.
        sigma_c: of the center Gaussian, pixels; a line is about twice as wide.
        sigma_m: of the Gaussian along the flow that gathers evidence, pixels.
        rho: ρ in [0, 1]; lower draws fewer weak lines.
        tau: τ between 0 and 1, of the lines that are laid over `gray`; lower draws fewer, thinner ones.
        iterations: how often lines are found, at least 1; each time but the last they are laid over `gray`.

    >>> response = line_response(torch.rand(1, 1, 32, 48), flow=torch.zeros(1, 2, 32, 48))
    >>> threshold(response, steepness(response), tau=0.5).shape
    torch.Size([1, 1, 32, 48])

    Raises:
        UsageError: `gray` or `flow` has another shape, or a parameter is out of range.
    """
    require_channels(gray, 1, "gray picture")
    require_flow_for(flow, gray)
    _require_parameters(sigma_c, rho, tau)
    require_positive(sigma_m, "sigma_m")
    if iterations < 1:
        raise UsageError(f"iterations is {iterations}, must be at least 1.")
    streamlines = list(walk(flow, _steps(sigma_m)))  # the flow stays, so they do too
    response = _along(_difference(gray, flow, sigma_c, rho), streamlines, sigma_m)
    for _ in range(iterations - 1):
        inked = torch.minimum(gray, threshold(response, steepness(response), tau))
        response = _along(_difference(inked, flow, sigma_c, rho), streamlines, sigma_m)
    return response


def drop_short(response: Tensor, flow: Tensor, tau: float, length: int) -> Tensor:
    """`response` without the strokes that are much shorter than `length` pixels along the flow.

    The share of ink on the streamline through x, `length` pixels to either side, is 1 inside a long line, ½
    at its end and little on a speck; below `SPECK` H fades to 0. This step is not in the papers.
    """
    stroke = 1 - threshold(response, steepness(response), tau)
    share = stroke.clone()
    for _, points in walk(flow, length):
        share.add_(sample(stroke, points))
    share.div_(2 * length + 1)
    return response * ((share - SPECK) / 0.1 + 0.5).clamp(0, 1)


def steepness(response: Tensor) -> Tensor:
    """|∇H|, (B, 1, H, W), per pixel."""
    dx, dy = sobel(response).split(1, dim=1)
    return torch.hypot(dx, dy)


def threshold(response: Tensor, steepness: Tensor, tau: float) -> Tensor:
    """Paper 1, ink 0, by 1 + tanh(φ H) < τ, that is H < artanh(τ − 1) / φ; gray where a border runs.

    (H − threshold) / |∇H| is about the distance to the border in pixels; ½ more is the share of paper in a
    pixel.
    """
    distance = (response - math.atanh(tau - 1) / GAIN) / steepness.clamp_min(FADE)
    return (distance + 0.5).clamp(0, 1)


def dog_lines(gray: Tensor, sigma_c: float = 1.0, rho: float = 0.99, tau: float = 0.5) -> Tensor:
    """Lines by the isotropic difference of Gaussians, H = (G_σc − ρ G_σs) * I; the same threshold.

    What coherent lines are compared with: it knows no direction, so noise gives dots and weak edges break up.

    Raises:
        UsageError: `gray` is not (B, 1, H, W), or a parameter is out of range.
    """
    require_channels(gray, 1, "gray picture")
    _require_parameters(sigma_c, rho, tau)
    difference = gaussian_blur(gray, sigma_c) - rho * gaussian_blur(gray, SURROUND * sigma_c)
    return threshold(difference, steepness(difference), tau)


def _difference(gray: Tensor, flow: Tensor, sigma_c: float, rho: float) -> Tensor:
    """F: the difference of Gaussians across the flow, (B, 1, H, W)."""
    steps = math.ceil(2.5 * SURROUND * sigma_c)
    center, surround = gaussian_taps(sigma_c, steps), gaussian_taps(SURROUND * sigma_c, steps)
    taps = [c - rho * s for c, s in zip(center, surround, strict=True)][steps:]
    total = gray * taps[0]
    for step, points in across(flow, steps):
        total.add_(sample(gray, points), alpha=taps[step])
    return total


def _along(difference: Tensor, streamlines: Iterable[tuple[int, Tensor]], sigma_m: float) -> Tensor:
    """H: `difference` gathered along the flow, (B, 1, H, W)."""
    taps = gaussian_taps(sigma_m, _steps(sigma_m))[_steps(sigma_m) :]
    total = difference * taps[0]
    for step, points in streamlines:
        total.add_(sample(difference, points), alpha=taps[step])
    return total


def _steps(sigma_m: float) -> int:
    return math.ceil(2 * sigma_m)


def _require_parameters(sigma_c: float, rho: float, tau: float) -> None:
    require_positive(sigma_c, "sigma_c")
    if not 0 <= rho <= 1:
        raise UsageError(f"rho is {rho}, must be in [0, 1].")
    if not 0 < tau < 1:
        raise UsageError(f"tau is {tau}, must be between 0 and 1.")
