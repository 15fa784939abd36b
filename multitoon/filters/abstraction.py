"""A photo as a cartoon without any network: flat colors, a few shades, coherent lines.

Kang, Lee, Chui, *Flow-Based Image Abstraction*, IEEE TVCG 2009, figure 2:

    photo ─ working size ─ luminance ─ flow (ETF) ─┬─ colors (FBL) ─ back to size ─ shades ─┐
                                                   └─ lines (FDoG) ── back to size ─ ink ────┴─ toon

Lengths in `AbstractionConfig` are pixels of a picture whose short side is `REFERENCE_SIDE`, and grow with the
picture. Above `WORKING_PIXELS` everything that looks at neighbors happens at a smaller size, and what is
sharp (the ink's threshold, the steps between shades, the photo's edges) is made at full size in strips of
rows: 12 megapixels look like the same photo at 1 megapixel, and need little more memory than their own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from multitoon.filters.bilateral import flow_bilateral
from multitoon.filters.flow import edge_tangent_flow
from multitoon.filters.gradient import gaussian_blur, luminance, require_channels
from multitoon.filters.lic import line_integral_convolution
from multitoon.filters.lines import drop_short, line_response, steepness, threshold
from multitoon.filters.quantize import quantize_luminance
from multitoon.filters.upsample import follow, rows
from multitoon.tiles import spans

REFERENCE_SIDE = 768
"""Short side, in pixels, for which the lengths in `AbstractionConfig` are given."""
SMALLEST_UNIT = 0.5
"""Pictures smaller than this share of the reference keep its lengths: a DoG of σ < 0.6 pixels sees little."""
WORKING_PIXELS = 1_000_000
"""Above this, flow, lines and colors are computed on a smaller copy."""
FLOW_STROKE = 15.0
"""How far `draw_flow` combs its noise to either side, pixels of the reference."""
ROUNDING = 0.5
"""σ of the last smoothing of the lines' response, pixels of the working size."""
STRIP = 256
"""Rows of the full size that are in work at once."""


@dataclass(frozen=True)
class AbstractionConfig:
    """What `abstract` draws. Lengths: pixels at a short side of 768; colors and luminance: in [0, 1]."""

    flow_blur: float = 1.0
    """σ of the blur before the gradient, pixels: keeps grain and JPEG blocks out of the flow."""
    flow_radius: float = 5.0
    """ETF's box, pixels: the papers' value; wider rounds corners off."""
    flow_iterations: int = 3
    """ETF's iterations: the papers' 2 to 3."""
    smooth_along: float = 3.0
    """FBL's σ_e along the flow, pixels: 2 in the paper, for smaller pictures."""
    smooth_across: float = 2.0
    """FBL's σ_g across the flow, pixels: the paper's value."""
    range_along: float = 0.2
    """FBL's γ_e, a distance in RGB: the paper's 50 of 255."""
    range_across: float = 0.05
    """FBL's γ_g, a distance in RGB: the paper's 10 of 255, and a little more for flat walls and skies."""
    smooth_iterations: int = 4
    """FBL's iterations: at 4 foliage and weaves are gone, and with them the lines in them."""
    line_width: float = 1.0
    """FDoG's σ_c, pixels: lines are about three pixels wide."""
    line_length: float = 5.0
    """FDoG's σ_m along the flow, pixels: 3 in the paper; longer closes gaps."""
    line_rho: float = 0.99
    """FDoG's ρ: the papers' value; 0.98 leaves outlines only, 0.995 finds folds and wrinkles."""
    line_tau: float = 0.6
    """FDoG's τ between 0 and 1: lower draws fewer, thinner lines."""
    line_shortest: float = 20.0
    """Strokes much shorter than this many pixels are specks, and go."""
    line_iterations: int = 2
    """How often lines are found: once more after they were laid over the picture."""
    levels: int = 8
    """Shades of luminance: at 8 a face keeps its form and a sky shows few steps."""
    sharpness: float = 6.0
    """Of the steps between shades: soft enough that a gradient does not turn into bands."""


DEFAULT = AbstractionConfig()


def abstract(photo: Tensor, config: AbstractionConfig = DEFAULT) -> Tensor:
    """The toon of `photo` (B, 3, H, W) in [-1, 1], of the same shape and range; any size from 1×1.

    >>> abstract(torch.rand(1, 3, 32, 48) * 2 - 1).shape
    torch.Size([1, 3, 32, 48])

    Raises:
        UsageError: `photo` is not (B, 3, H, W), or a value in `config` is out of range.
    """
    small, flow, unit = _analyze(photo, config)
    colors = _colors(small, flow, unit, config)
    gray = luminance(small)
    slope = follow(gray, colors)
    response = _response(colors, flow, unit, config)
    toon, size = torch.empty_like(photo), _size(photo)
    for top, bottom in spans(size[0], STRIP, 1):
        lost = luminance(photo[:, :, top:bottom]) - rows(gray, top, bottom, size)
        color = rows(colors, top, bottom, size) + rows(slope, top, bottom, size) * lost
        color = quantize_luminance(color.clamp(-1, 1), config.levels, config.sharpness)
        toon[:, :, top:bottom] = (color + 1) * _lines(response, top, bottom, size, config) - 1
    return toon


def draw_lines(photo: Tensor, config: AbstractionConfig = DEFAULT) -> Tensor:
    """The lines of `abstract` alone, (B, 1, H, W) in [0, 1], 1 = paper, 0 = ink.

    Raises:
        UsageError: as `abstract`.
    """
    small, flow, unit = _analyze(photo, config)
    response = _response(_colors(small, flow, unit, config), flow, unit, config)
    lines, size = torch.empty_like(photo[:, :1]), _size(photo)
    for top, bottom in spans(size[0], STRIP, 1):
        lines[:, :, top:bottom] = _lines(response, top, bottom, size, config)
    return lines


def draw_flow(photo: Tensor, config: AbstractionConfig = DEFAULT, seed: int = 0) -> Tensor:
    """The flow that `abstract` follows as combed noise, (B, 1, H, W) in [0, 1]; `seed` is the noise's.

    Raises:
        UsageError: as `abstract`.
    """
    _, flow, unit = _analyze(photo, config)
    combed = line_integral_convolution(flow, seed, length=_pixels(FLOW_STROKE, unit))
    return F.interpolate(combed, _size(photo), mode="bicubic").clamp_(0, 1)


def _analyze(photo: Tensor, config: AbstractionConfig) -> tuple[Tensor, Tensor, float]:
    """`photo` at the working size, its flow, and how many pixels there make one of the reference."""
    require_channels(photo, 3, "photo")
    height, width = photo.shape[-2:]
    shrink = min(1.0, math.sqrt(WORKING_PIXELS / (height * width)))
    size = max(1, round(height * shrink)), max(1, round(width * shrink))
    small = photo if shrink == 1 else F.interpolate(photo, size, mode="area")
    unit = max(min(size) / REFERENCE_SIDE, SMALLEST_UNIT)
    gray = gaussian_blur(luminance(small), config.flow_blur * unit)
    flow = edge_tangent_flow(gray, _pixels(config.flow_radius, unit), config.flow_iterations)
    return small, flow, unit


def _colors(small: Tensor, flow: Tensor, unit: float, config: AbstractionConfig) -> Tensor:
    return flow_bilateral(
        small,
        flow,
        sigma_along=config.smooth_along * unit,
        range_along=config.range_along,
        sigma_across=config.smooth_across * unit,
        range_across=config.range_across,
        iterations=config.smooth_iterations,
    )


def _response(colors: Tensor, flow: Tensor, unit: float, config: AbstractionConfig) -> Tensor:
    """The lines before their threshold, found on the smoothed colors: textures are gone from those."""
    response = line_response(
        luminance(colors),
        flow,
        sigma_c=config.line_width * unit,
        sigma_m=config.line_length * unit,
        rho=config.line_rho,
        tau=config.line_tau,
        iterations=config.line_iterations,
    )
    response = drop_short(response, flow, config.line_tau, _pixels(config.line_shortest, unit))
    return gaussian_blur(response, ROUNDING)  # an enlarged contour would show the pixels of its stairs


def _lines(
    response: Tensor, top: int, bottom: int, size: tuple[int, int], config: AbstractionConfig
) -> Tensor:
    """Rows of the lines at full size; the border of a line stays a pixel wide."""
    slope = steepness(response) * (response.shape[-1] / size[1])  # per pixel of the full size
    both = rows(torch.cat([response, slope], dim=1), top, bottom, size)
    return threshold(both[:, :1], both[:, 1:], config.line_tau)


def _pixels(length: float, unit: float) -> int:
    return max(1, round(length * unit))


def _size(photo: Tensor) -> tuple[int, int]:
    return photo.shape[-2], photo.shape[-1]
