"""A style's own light: how its colors differ from a photo's, whatever is drawn with them."""

from __future__ import annotations

import dataclasses

import torch
from torch import Tensor

from multitoon.color import rgb_to_yuv, yuv_to_rgb
from multitoon.filters.gradient import gaussian_blur


@dataclasses.dataclass(frozen=True)
class LightConfig:
    """The light of a style; the defaults change nothing."""

    gamma: float = 1.0
    """Exponent of luminance in [0, 1]: below 1 lifts the shadows."""
    contrast: float = 0.0
    """Slope added at middle luminance, taken from black and white."""
    saturation: float = 1.0
    """Factor on chroma."""
    shadow_tint: tuple[float, float] = (0.0, 0.0)
    """Added to U and V at black, fading toward white: the color of the shadows ..."""
    light_tint: tuple[float, float] = (0.0, 0.0)
    """... and of the lights, the other way round."""
    glow: float = 0.0
    """How strongly what is bright shines over its surroundings."""
    glow_from: float = 0.55
    """Luminance in [0, 1] above which something is bright."""
    glow_sigma: float = 10.0
    """How far it shines, pixels of a 256² picture."""


def lit(picture: Tensor, config: LightConfig) -> Tensor:
    """`picture` (B, 3, H, W) in [-1, 1] in the light of `config`, of the same shape and range.

    Luminance l in [0, 1] becomes l^gamma + 4 contrast (l^gamma - 1/2) l^gamma (1 - l^gamma).
    """
    y, chroma = rgb_to_yuv(picture).split([1, 2], 1)
    light = ((y + 1) / 2).clamp(0, 1) ** config.gamma
    light = light + 4 * config.contrast * (light - 0.5) * light * (1 - light)
    dark_tint, bright_tint = (
        torch.tensor(tint, dtype=y.dtype, device=y.device).view(1, 2, 1, 1)
        for tint in (config.shadow_tint, config.light_tint)
    )
    chroma = chroma * config.saturation + (1 - light) * dark_tint + light * bright_tint
    graded = yuv_to_rgb(torch.cat([2 * light - 1, chroma], 1)).clamp(-1, 1)
    if config.glow:
        above = ((graded + 1) / 2 - config.glow_from).clamp_min(0)
        graded = graded + config.glow * gaussian_blur(above, config.glow_sigma) * (1 - graded)
    return graded.clamp(-1, 1)
