"""A photo as a Chinese ink painting without any network: paper, washes, brush lines, an empty sky.

The masters leave out what does not matter; so does this, in the order of a painter:

    photo ─ flow (ETF) ─ smoothed (FBL) ─┬─ presence: where something is to be seen; elsewhere the paper stays
                                         ├─ washes: luminance in few tones, darker toward their own borders
                                         └─ lines (FDoG): thick and thin at two widths, wet at strong edges
    ink = 1 - (1 - washes) (1 - thick) (1 - thin)     toon = paper (1 - ink) + black ink

The lines are Kang, Lee, Chui's (2007), the smoothing their flow-based bilateral filter (2009). Washes and
presence are ours: all is decided within some 30 pixels of a picture of 256, so that a small convolutional
network can learn it. Lengths in `InkConfig` are pixels of a picture whose short side is `REFERENCE_SIDE`.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from multitoon.color import rgb_to_yuv, yuv_to_rgb
from multitoon.filters.bilateral import flow_bilateral
from multitoon.filters.flow import edge_tangent_flow
from multitoon.filters.gradient import gaussian_blur, luminance, require_channels, sobel
from multitoon.filters.guided import guided_filter
from multitoon.filters.lines import drop_short, line_response, steepness, threshold

REFERENCE_SIDE = 256
"""Short side, in pixels, for which the lengths in `InkConfig` are given: styles are trained at it."""


@dataclass(frozen=True)
class InkConfig:
    """What `paint_ink` paints. Lengths: pixels at a short side of 256; luminance and ink in [0, 1]."""

    paper: tuple[float, float, float] = (0.84, 0.79, 0.70)
    """RGB of the bare paper."""
    black: tuple[float, float, float] = (0.17, 0.16, 0.15)
    """RGB of undiluted ink."""
    color: float = 0.25
    """Share of the photo's chroma that is left, as of thin mineral colors over the ink."""
    local: float = 24.0
    """σ over which luminance is compared with its surroundings, pixels."""
    key: float = 0.6
    """Luminance that the surroundings are moved toward; brighter is paper."""
    adapt: float = 0.42
    """Share of the way that they are moved: 1 forgets which side of the picture is dark."""
    bright: float = 0.06
    """How much brighter than the key bare paper begins."""
    gamma: float = 1.1
    """Above 1 half-tones become thin washes, and the darks stand alone."""
    wash: float = 0.8
    """Ink of the darkest wash."""
    tones: int = 4
    """Tones of wash beside the bare paper."""
    rim: float = 0.6
    """How much darker a wash is at its own border, where wet ink runs to."""
    dots: float = 3.0
    """Ink per luminance by which a spot is darker than its neighbors."""
    grain: float = 8.0
    """The same for spots of a pixel or two."""
    presence: float = 0.025
    """Local contrast at which an area is half painted: skies and mist have less."""
    reach: float = 7.0
    """σ over which that contrast is gathered, pixels."""
    thin: float = 0.55
    """σ of the thin lines, pixels."""
    thick: float = 1.15
    """σ of the thick ones."""
    thin_ink: float = 0.6
    """How dark a thin line is at most."""
    thick_ink: float = 0.6
    """The same of a thick one."""
    wet: float = 0.015
    """Contrast, in luminance, at which a line has half of its ink."""


INK = InkConfig()


def paint_ink(photo: Tensor, config: InkConfig = INK) -> Tensor:
    """The ink painting of `photo` (B, 3, H, W) in [-1, 1], of the same shape and range.

    >>> paint_ink(torch.rand(1, 3, 32, 48) * 2 - 1).shape
    torch.Size([1, 3, 32, 48])

    Raises:
        UsageError: `photo` is not (B, 3, H, W).
    """
    require_channels(photo, 3, "photo")
    unit = min(photo.shape[-2:]) / REFERENCE_SIDE
    unit = max(unit, 0.5)
    gray = luminance(photo)
    flow = edge_tangent_flow(gaussian_blur(gray, 0.8 * unit), max(1, round(2.5 * unit)), 3)
    smooth = flow_bilateral(
        photo,
        flow,
        sigma_along=1.8 * unit,
        range_along=0.2,
        sigma_across=0.9 * unit,
        range_across=0.08,
        iterations=2,
    )
    shade = luminance(smooth)
    present = presence(photo, shade, unit, config)
    layers = (
        _washes(shade, present, unit, config),
        _dots(gray, present, unit, config),
        _lines(shade, flow, present, unit, config),
    )
    ink = 1 - torch.stack([1 - layer for layer in layers]).prod(0)
    return _on_paper(ink, smooth, present, config)


def presence(photo: Tensor, shade: Tensor, unit: float, config: InkConfig) -> Tensor:
    """Where the picture is painted, (B, 1, H, W) in [0, 1]: near contrast; not in skies, fog and snow."""
    dx, dy = sobel(shade).split(1, 1)
    contrast = gaussian_blur(torch.hypot(dx, dy), config.reach * unit) * (2.5 * unit)
    # Blue or bright and flat is sky; a dark flat wall is a wall, and stays.
    blue = rgb_to_yuv(photo)[:, 1:2]
    sky = torch.sigmoid((gaussian_blur(shade, 2 * unit) - 0.45) * 12 + blue * 8)
    half = config.presence * (0.3 + 1.2 * sky)
    present = contrast**2 / (contrast**2 + half**2)
    # Ends where the thing ends, not in a cloud around it.
    return guided_filter(shade, present, max(1, round(config.reach * unit)), 2e-3).clamp(0, 1)


def _washes(shade: Tensor, present: Tensor, unit: float, config: InkConfig) -> Tensor:
    around = gaussian_blur(shade, config.local * unit)
    lit = shade + config.adapt * (config.key - around)
    white = config.key + config.bright
    depth = ((white - lit) / white).clamp(0, 1) ** config.gamma * present
    level = depth * config.tones
    floor = level.floor()
    wash = (floor + torch.sigmoid((level - floor - 0.5) * 10)) / config.tones
    wash = wash - (1 - torch.sigmoid(wash.new_tensor(5.0))) / config.tones
    ring = (wash - gaussian_blur(wash, 2.0 * unit)).clamp(min=0)  # inside a wash, along its border
    return (config.wash * (wash + config.rim * ring)).clamp(0, 1)


def _dots(gray: Tensor, present: Tensor, unit: float, config: InkConfig) -> Tensor:
    """Texture strokes: what is darker than its neighbors, within a stone's size and within a leaf's."""
    fine = gaussian_blur(gray, 0.5 * unit)
    coarse = (gaussian_blur(fine, 3.0 * unit) - fine - 0.03) * config.dots
    small = (gaussian_blur(gray, 1.2 * unit) - gray - 0.004) * config.grain
    return (coarse.clamp(0, 0.7) + small.clamp(0, 0.5) * present.clamp(min=0.25)).clamp(0, 0.85) * present


def _lines(shade: Tensor, flow: Tensor, present: Tensor, unit: float, config: InkConfig) -> Tensor:
    paper = torch.ones_like(shade)
    # Brushes: width, how weak an edge they draw, shortest stroke, and how dark.
    for sigma, rho, tau, shortest, dark in (
        (config.thin, 0.995, 0.75, 7, config.thin_ink),
        (config.thick, 0.985, 0.6, 9, config.thick_ink),
    ):
        response = line_response(shade, flow, sigma * unit, 4 * unit, rho, tau, iterations=1)
        response = drop_short(response, flow, tau, max(1, round(shortest * unit)))
        stroke = 1 - threshold(response, steepness(response), tau)
        wet = gaussian_blur((-response).clamp(min=0), unit)
        wet = wet / (wet + config.wet)
        paper = paper * (1 - dark * stroke * (0.35 + 0.65 * wet) * (0.3 + 0.7 * present))
    return 1 - paper


def _on_paper(ink: Tensor, smooth: Tensor, present: Tensor, config: InkConfig) -> Tensor:
    paper, black = (2 * ink.new_tensor(c).view(1, 3, 1, 1) - 1 for c in (config.paper, config.black))
    toon = paper + (black - paper) * ink
    chroma = rgb_to_yuv(smooth) * present * config.color * (1 - ink)
    chroma[:, :1] = 0
    return (toon + yuv_to_rgb(chroma)).clamp(-1, 1)
