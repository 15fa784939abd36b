"""Cel shading as the network's last stroke: luminance drawn toward a few flat shades, one number per style.

Where a small network sees a slow gradient (a cheek, a road) it cannot tell where one shade ends and the next
begins, and draws none. Luminance knows. With Y in [-1, 1] and n steps from black to white

    S(Y) = Y - sin(pi n Y) / (pi n),    S'(Y) = 1 - cos(pi n Y)

rises everywhere, lies flat at the n + 1 shades -1, -1 + 2/n, ..., 1, and is twice as steep between them. A
style goes from Y to S(Y) by its share a, and so does a mix, by the sum of w_i a_i: linear, as all that an
adapter adds, and merged as one number.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from multitoon.color import luma

STEPS = 6
"""n, even, so that middle gray is a shade."""
_WAVE = math.pi * STEPS


def draw_shades(picture: Tensor, share: float | Tensor) -> Tensor:
    """`picture` (B, 3, H, W) in [-1, 1] with its luminance `share` of the way to the shades; chroma is kept.

    `share` is a number, or a map that broadcasts to (B, 1, H, W). What comes out may leave [-1, 1] where a
    saturated color does.

    >>> draw_shades(torch.full((1, 3, 1, 1), 0.3), 1.0).flatten()[0].item() > 0.3       # toward 1/3
    True
    """
    if not isinstance(share, Tensor) and share == 0:
        return picture
    return picture - share * (1 / _WAVE) * torch.sin(luma(picture) * _WAVE)
