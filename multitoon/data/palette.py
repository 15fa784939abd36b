"""The light of a style, read off its pictures: what gives photos their brightness and colors on the whole."""

from __future__ import annotations

import dataclasses
import itertools

import torch
import torch.nn.functional as F
from torch import Tensor

from multitoon.color import luma, rgb_to_yuv
from multitoon.data.light import LightConfig, lit
from multitoon.data.style_pictures import StylePictures
from multitoon.image import pixels_to_float

MOST_PICTURES = 256
"""Pictures that are looked at, spread over all of them."""
THUMBNAIL = 64
"""Side to which each is reduced, pixels."""
GAMMAS = tuple(0.5 * 1.06**step for step in range(25))  # 0.5 to 2.0
CONTRASTS = tuple(0.05 * step for step in range(-8, 9))
RICHEST = 2.0
"""Largest factor on chroma: grays that are made colorful show their noise."""
LEVELS = 64
"""Quantiles of luminance that are compared."""
GRAY_PHOTOS = 32
"""So many gray photos are thought among the given ones: photos at large are gray in the mean, a handful need
not be, and their own color is not what a style takes away."""


def measured_light(photos: Tensor, pictures: Tensor) -> LightConfig:
    """The light in which `photos` have the brightness, contrast and colors of `pictures`, taken all together.

    Gamma and contrast are those of a grid whose luminances lie nearest (1-Wasserstein). Chroma is a line over
    luminance, from the shadows' tint to the lights', and what spreads around it: the lines are made equal,
    and so is the spread, as Reinhard et al. (2001) make each channel's mean and deviation. The
    fewer the photos, the grayer their line is taken to be (`GRAY_PHOTOS`).

    Args:
        photos: (N, 3, H, W) in [-1, 1].
        pictures: (M, 3, H', W') in [-1, 1].
    """
    wanted = _quantiles(pictures)
    tones = itertools.starmap(LightConfig, itertools.product(GAMMAS, CONTRASTS))
    # Luminance is all that these change, so its quantiles may stand for the photos.
    levels = _quantiles(photos).view(1, 1, 1, -1).expand(1, 3, 1, -1)
    tone = min(tones, key=lambda tone: (_quantiles(lit(levels, tone)) - wanted).abs().mean().item())
    have_line, have_spread = _chroma(lit(photos, tone))
    have_line = have_line * len(photos) / (len(photos) + GRAY_PHOTOS)
    want_line, want_spread = _chroma(pictures)
    saturation = min((want_spread / have_spread.clamp_min(1e-6)).item(), RICHEST)
    shadows, lights = (want_line - saturation * have_line).tolist()
    return dataclasses.replace(
        tone, saturation=saturation, shadow_tint=tuple(shadows), light_tint=tuple(lights)
    )


def thumbnails(pictures: Tensor | StylePictures) -> Tensor:
    """Some of `pictures`, uint8 (3, H, W) each, as a whole: (N, 3, THUMBNAIL, THUMBNAIL) in [-1, 1]."""
    stride = -(-len(pictures) // MOST_PICTURES)
    some = (pixels_to_float(pictures[i][None]) for i in range(0, len(pictures), stride))
    return torch.cat([F.adaptive_avg_pool2d(picture, THUMBNAIL) for picture in some])


def _quantiles(x: Tensor) -> Tensor:
    y = luma(x).flatten().sort().values
    return y[torch.linspace(0, len(y) - 1, LEVELS, device=y.device).round().long()]


def _chroma(x: Tensor) -> tuple[Tensor, Tensor]:
    """Mean (U, V) at black and at white, (2, 2), and the root mean square of what differs from their line."""
    y, u, v = rgb_to_yuv(x).transpose(0, 1).flatten(1)
    light = (y + 1) / 2
    ends = torch.stack([1 - light, light], 1)
    uv = torch.stack([u, v], 1)
    # By the normal equations: two columns and as many rows as pixels.
    line = torch.linalg.solve(ends.T @ ends + 1e-6 * torch.eye(2), ends.T @ uv)
    return line, (uv - ends @ line).square().mean().sqrt()
