"""Soft luminance quantization: a few flat shades with smooth steps between them.

Winnemöller, Olsen, Gooch, *Real-Time Video Abstraction*, SIGGRAPH 2006, pseudo-quantization; Kang, Lee and
Chui (2009) use it after their region smoothing.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from multitoon.color import keep_color
from multitoon.errors import UsageError
from multitoon.filters.gradient import luminance, require_positive


def quantize_luminance(x: Tensor, levels: int = 8, sharpness: float = 6.0) -> Tensor:
    """`x` (B, 3, H, W) in [-1, 1] with its luminance drawn to `levels` shades, color differences kept.

    With Y in [0, 1], Δ = 1 / (levels − 1) and b the middle between the two shades next to Y:

        Q(Y) = b + Δ/2 · tanh(s (Y − b) / Δ) / tanh(s / 2)

    The shades are 0, Δ, …, 1: black stays black and white stays white. The divisor, which is not in the
    paper, makes Q continuous and exact at the shades. Q − Y is added to R, G and B; where that leaves their
    range, color fades so that the luminance is Q all the same.

    Args:
        levels: how many shades, at least 2.
        sharpness: s above 0; at 1 hardly a change, at 20 a hard step.

    Raises:
        UsageError: `x` is not (B, 3, H, W), or a parameter is out of range.
    """
    if levels < 2:
        raise UsageError(f"levels is {levels}, must be at least 2.")
    require_positive(sharpness, "sharpness")
    y = luminance(x)
    step = 1 / (levels - 1)
    middle = (torch.floor(y / step).clamp(0, levels - 2) + 0.5) * step
    shade = middle + step / 2 * torch.tanh((y - middle) * (sharpness / step)) / math.tanh(sharpness / 2)
    return keep_color(x + 2 * (shade - y), x)
