"""Lines: how many a picture has, how dark they are, whether they go on, and whether something is there.

A line pixel is darker than what lies 3 pixels to *both* sides of it; an edge between two shades is none:

    depth(p) = max(0, min(Y(p + 3n), Y(p - 3n)) - Y(p)),   n the eigenvector of the largest eigenvalue of Y's
    Hessian (Steger 1998, section 2.2), Y the luminance blurred by a Gaussian of 1 pixel
"""

from __future__ import annotations

import dataclasses

import torch
import torch.nn.functional as F
from torch import Tensor

from multitoon.filters.gradient import gaussian_blur, luminance, sobel
from multitoon.filters.streamline import across, sample, walk

REACH = 3
"""Pixels from a line's middle to what it is compared with: half as wide as the widest line."""
DARK = 0.06
"""Depth in luminance of [0, 1] from which on a pixel is of a line: 15 levels, which is easily seen."""
ALONG = 6
"""Pixels that a line must go on, to one side at least, to be a stroke and not a speck."""
EDGE = 0.03
"""Gradient of luminance per pixel that counts as an edge of the photo."""
NEAR = 2
"""Pixels between a line and the photo's edge that it belongs to."""


@dataclasses.dataclass(frozen=True)
class Lines:
    """Lines of a set of pictures, pooled over their pixels."""

    share: float
    """Line pixels over all pixels."""
    depth: float
    """Mean depth of line pixels, luminance in [0, 1]; 0 where there are none."""
    strokes: float
    """Share of line pixels from which the line goes on."""
    supported: float
    """Share of line pixels within `NEAR` pixels of an edge of the photo."""


def line_depth(x: Tensor) -> Tensor:
    """Depth (B, 1, H, W) in [0, 1] of pictures (B, 3, H, W) in [-1, 1]; see the top of this file."""
    return _depth_and_tangent(x)[0]


def line_counts(x: Tensor, photo: Tensor) -> Tensor:
    """(B, 5): pixels, line pixels, the sum of their depth, those of strokes, those near an edge of `photo`.

    Counts add up: `lines` of their sum pools pictures.
    """
    depth, tangent = _depth_and_tangent(x)
    ink = depth >= DARK
    ahead, behind = [], []
    for i, (_, points) in enumerate(walk(tangent, ALONG)):
        (ahead if i < ALONG else behind).append(sample(depth, points) >= DARK)
    goes_on = torch.stack(ahead).all(0) | torch.stack(behind).all(0)
    edge = torch.linalg.vector_norm(sobel(gaussian_blur(luminance(photo), 1.0)), dim=1, keepdim=True) >= EDGE
    near = F.max_pool2d(edge.to(depth.dtype), 2 * NEAR + 1, 1, NEAR) > 0
    parts = (torch.ones_like(ink), ink, depth * ink, ink & goes_on, ink & near)
    return torch.stack([part.to(depth.dtype).sum((1, 2, 3)) for part in parts], 1)


def lines(counts: Tensor) -> Lines:
    """The figures of counts (5,)."""
    pixels, ink, depth, strokes, supported = counts.tolist()
    over = max(ink, 1.0)
    return Lines(ink / pixels, depth / over, strokes / over, supported / over)


def _depth_and_tangent(x: Tensor) -> tuple[Tensor, Tensor]:
    y = gaussian_blur(luminance(x), 1.0)
    p = F.pad(y, (1, 1, 1, 1), mode="replicate")
    xx = p[..., 1:-1, 2:] - 2 * y + p[..., 1:-1, :-2]
    yy = p[..., 2:, 1:-1] - 2 * y + p[..., :-2, 1:-1]
    xy = (p[..., 2:, 2:] - p[..., 2:, :-2] - p[..., :-2, 2:] + p[..., :-2, :-2]) / 4
    angle = torch.atan2(2 * xy, xx - yy) / 2  # of the eigenvector of the larger eigenvalue, across the line
    tangent = torch.cat([-angle.sin(), angle.cos()], 1)  # (B, 2, H, W)
    sides = [sample(y, points) for step, points in across(tangent, REACH) if step == REACH]
    return (torch.minimum(*sides) - y).clamp_min(0), tangent
