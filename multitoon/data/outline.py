"""The inker's pass: the classical filters' lines over what a teacher drew.

CartoonGAN's outlines come and go with the pixel grid (its toon of a mirrored photo is another toon), so that
a student learns an average of them, which is none. Lines along the photo's own edges are decided by what is
near them, and a small network learns to draw them.
"""

from __future__ import annotations

import dataclasses
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from multitoon.filters.abstraction import AbstractionConfig, draw_lines
from multitoon.filters.gradient import gaussian_blur

ENLARGED = 2
"""Lines are drawn this much larger and averaged: at 256² a pixel is as wide as a line should be."""
DRAWING = AbstractionConfig(
    smooth_iterations=2, line_width=0.75, line_tau=0.45, line_length=6, line_shortest=30, line_iterations=1
)
"""How they are drawn: long, thin, and without the second look at what was drawn, which makes them bold."""
WIDTHS = ("thin", "medium", "bold")
"""The channels of a sheet; each is, to each side, a pixel of the enlarged drawing wider than the last."""
CROWD_SIGMA = 9.0
"""Standard deviation of the blur that says how many lines there are around a pixel, pixels."""
CROWD_POWER = 1.5
"""Over 1: where there are twice as many lines, less ink is left, not as much."""


@dataclasses.dataclass(frozen=True)
class OutlineConfig:
    """What is laid over a target."""

    ink: float = 0.6
    """How dark a line is: 0 leaves it out, 1 is black."""
    width: Literal["thin", "medium", "bold"] = "thin"
    """Which lines of the sheet."""
    color: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """RGB of the ink, in [0, 1]."""
    crowd: float = 1.0
    """Share of ink around a pixel, in thin lines, above which they become fainter: a draftsman draws the tree
    and not its leaves. On a single contour it is 0.04, in foliage over 0.2; 1 leaves nothing out."""


def line_sheet(photo: Tensor) -> Tensor:
    """The lines of `photo` (B, 3, H, W) in three widths, (B, 3, H, W): -1 is ink and 1 is paper."""
    large = F.interpolate(photo, scale_factor=ENLARGED, mode="bicubic").clamp(-1, 1)
    drawn = [draw_lines(large, DRAWING)]
    for _ in WIDTHS[1:]:
        drawn.append(-F.max_pool2d(-drawn[-1], 3, stride=1, padding=1))
    return 2 * F.avg_pool2d(torch.cat(drawn, 1), ENLARGED) - 1


def outlined(target: Tensor, sheet: Tensor, config: OutlineConfig) -> Tensor:
    """`target` (B, 3, H, W) in [-1, 1] with the lines of its `sheet` laid over it, darkening alone."""
    lines = (1 - sheet) / 2
    channel = WIDTHS.index(config.width)
    ink = config.ink * lines[:, channel : channel + 1] * _sparse(lines[:, :1], config.crowd)
    color = 2 * target.new_tensor(config.color).view(1, 3, 1, 1) - 1
    return target + ink * (torch.minimum(color, target) - target)


def _sparse(thin: Tensor, crowd: float) -> Tensor:
    """What is left of the ink, (B, 1, H, W) in (0, 1], where `thin` lines stand closer than `crowd`."""
    return (crowd / gaussian_blur(thin, CROWD_SIGMA).clamp_min(crowd)) ** CROWD_POWER
