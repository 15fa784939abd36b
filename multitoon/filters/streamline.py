"""Walking along and across a flow field, one pixel a step, from all pixels at once.

Points are kept in the coordinates of `torch.nn.functional.grid_sample` (`align_corners=False`: -1 and 1 are
the picture's outer edges), as (B, 2, H, W) with channels (x, y), like the flow itself.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor


def walk(flow: Tensor, steps: int) -> Iterator[tuple[int, Tensor]]:
    """Yields (s, points) for s = 1 … `steps` forwards, then again backwards, on each pixel's streamline.

    Euler steps of one pixel, c(s + 1) = c(s) ± t(c(s)), with t (`flow`, (B, 2, H, W)) read at the nearest
    pixel and turned so that it never points back. Nearest, because t and −t are the same direction and an
    average of neighbors with opposite signs would vanish. Where t is zero the walk stands still.
    """
    start, strides = _start(flow), flow * _pixel(flow)
    for direction in (1.0, -1.0):
        tangent, stride, points = flow * direction, strides * direction, start
        for step in range(1, steps + 1):
            points = points + stride
            yield step, points
            if step < steps:
                ahead = sample(flow, points, mode="nearest")
                turn = 1 - 2 * (_dot(ahead, tangent) < 0).to(flow.dtype)
                tangent = ahead.mul_(turn)
                stride = tangent * _pixel(flow)


def across(flow: Tensor, steps: int) -> Iterator[tuple[int, Tensor]]:
    """Yields (s, points) for s = 1 … `steps` to one side of the flow, then again to the other.

    A straight line through each pixel, perpendicular to its tangent: along the smoothed gradient.
    """
    normal = torch.cat([-flow[:, 1:], flow[:, :1]], dim=1) * _pixel(flow)
    start = _start(flow)
    for direction in (1, -1):
        for step in range(1, steps + 1):
            yield step, torch.add(start, normal, alpha=direction * step)


def sample(x: Tensor, points: Tensor, mode: str = "bilinear") -> Tensor:
    """`x` (B, C, H, W) read at `points` (B, 2, H, W); outside the picture its outermost pixel."""
    bands = _bands(points)
    if bands > 1:
        x = x.expand(bands, -1, -1, -1)
        points = points.unflatten(2, (bands, -1))[0].transpose(0, 1)  # (bands, 2, H / bands, W)
    grid = points.permute(0, 2, 3, 1)
    values = F.grid_sample(x, grid, mode=mode, padding_mode="border", align_corners=False)
    return values.transpose(0, 1).flatten(1, 2)[None] if bands > 1 else values


def _bands(points: Tensor) -> int:
    """How many bands of rows one picture is cut into: `grid_sample` has one thread per entry of a batch."""
    if points.shape[0] > 1 or points.is_cuda:
        return 1
    height = points.shape[2]
    return max(n for n in range(1, torch.get_num_threads() + 1) if height % n == 0)


def _dot(a: Tensor, b: Tensor) -> Tensor:
    return torch.addcmul(a[:, :1] * b[:, :1], a[:, 1:], b[:, 1:])


def _start(flow: Tensor) -> Tensor:
    """The pixels' own centers, (1, 2, H, W)."""
    height, width = flow.shape[-2:]
    y = (torch.arange(height, device=flow.device, dtype=flow.dtype) * 2 + 1) / height - 1
    x = (torch.arange(width, device=flow.device, dtype=flow.dtype) * 2 + 1) / width - 1
    return torch.stack(torch.meshgrid(y, x, indexing="ij")[::-1])[None]


def _pixel(flow: Tensor) -> Tensor:
    """The length of one pixel in x and y, (1, 2, 1, 1)."""
    height, width = flow.shape[-2:]
    return flow.new_tensor([2 / width, 2 / height]).view(1, 2, 1, 1)
