"""What the student is asked to draw: the teacher's lines and flat shades in the photo's own colors.

CartoonGAN's tint changes from picture to picture and cannot be predicted from it; a student that has to
follow it learns an average veil and neither lines nor shades. So the tint is taken out of the target.
"""

from __future__ import annotations

import dataclasses

import torch
from torch import Tensor

from multitoon.color import rgb_to_yuv, yuv_to_rgb
from multitoon.data.light import LightConfig, lit
from multitoon.data.outline import OutlineConfig, outlined
from multitoon.filters.gradient import gaussian_blur
from multitoon.filters.guided import guided_filter
from multitoon.filters.kuwahara import kuwahara
from multitoon.filters.l0 import l0_smooth

VIVID = LightConfig(saturation=1.2)
"""A photo's light, a little richer."""


@dataclasses.dataclass(frozen=True)
class TargetConfig:
    """How a teacher's picture and the photo become one target."""

    drift_radius: int = 24
    """Pixels of a 256² picture: what the teacher changes over areas wider than this is drift, not drawing."""
    drift_eps: float = 0.16
    """Variance of luminance in [-1, 1]: only edges of more contrast than its root bound such an area."""
    chroma_radius: int = 6
    """Pixels over which the photo's chroma is flattened, within the teacher's edges."""
    chroma_eps: float = 4e-3
    """Variance of luminance in [-1, 1] that counts as an edge for chroma."""
    detail_gain: float = 1.5
    """Factor on what the teacher draws finer than `detail_sigma`: students of an L1 draw too faintly."""
    detail_sigma: float = 6.0
    """Pixels; the standard deviation of the blur that separates drawing from shading."""
    quiet: float = 0.03
    """Local contrast of luminance in [-1, 1] below which the teacher's drawing fades out: what CartoonGAN
    draws into skies and walls is streaks and a grid."""
    brush: int = 0
    """Radius of the brush (Kuwahara) that paints in flat dabs, pixels; 0 leaves colors as they are drawn."""
    flat: float = 0.0
    """Strength of the L0 smoothing, which makes areas flat and leaves edges sharp; 0 leaves it out."""
    light: LightConfig = VIVID
    """The style's own light."""
    outline: OutlineConfig | None = None
    """Lines of the classical filters on top."""
    crisp: float = 0.0
    """Strength of the unsharp mask over all of it: students draw more softly than what they are shown."""
    crisp_sigma: float = 2.0
    """Standard deviation of its blur, pixels."""


def recompose(photo: Tensor, toon: Tensor, config: TargetConfig, sheet: Tensor | None = None) -> Tensor:
    """The target (B, 3, H, W) in [-1, 1] from a photo and its teacher's toon of the same shape and range.

    Y* = Y_toon - GF(Y_toon - Y_photo), where GF is a guided filter along the photo's luminance: the
    difference on a large scale is the drift, and what remains are lines and shades; the finer part of what
    they change is exaggerated, and fades where the photo is flat. (U, V)* is the photo's, smoothed by a
    guided filter along Y*. Then come the brush, flat areas, the style's light, the inker's pass and an
    unsharp mask.
    """
    yuv_photo, yuv_toon = rgb_to_yuv(photo), rgb_to_yuv(toon)
    y_photo, y_toon = yuv_photo[:, :1], yuv_toon[:, :1]
    drift = guided_filter(y_photo, y_toon - y_photo, config.drift_radius, config.drift_eps)
    drawn = y_toon - drift - y_photo
    drawn = _sharpened(drawn, config.detail_gain - 1, config.detail_sigma)
    y = y_photo + drawn * _liveliness(y_photo, config.quiet)
    chroma = guided_filter(y, yuv_photo[:, 1:], config.chroma_radius, config.chroma_eps)
    target = yuv_to_rgb(torch.cat([y, chroma], 1)).clamp(-1, 1)
    if config.brush:
        target = kuwahara(target, config.brush)
    if config.flat:
        target = l0_smooth(target, config.flat).clamp(-1, 1)
    target = lit(target, config.light)
    if sheet is not None and config.outline is not None:
        target = outlined(target, sheet, config.outline)
    if config.crisp:
        target = _sharpened(target, config.crisp, config.crisp_sigma)
    return target.clamp(-1, 1)


def _sharpened(x: Tensor, strength: float, sigma: float) -> Tensor:
    return x + strength * (x - gaussian_blur(x, sigma))


def _liveliness(y: Tensor, quiet: float) -> Tensor:
    """Where there is something to draw, (B, 1, H, W) in [0, 1]: rises with local contrast, up to `quiet`."""
    contrast = gaussian_blur((y - gaussian_blur(y, 2.0)).square(), 5.0).sqrt()
    share = (contrast / quiet).clamp(0, 1)
    return share * share * (3 - 2 * share)
