"""Flicker: what changes in the toons of a clip where nothing changes in the photos but their place.

For each block of 16 pixels of a frame, the displacement of whole pixels (up to 7) that fits best into the
frame before, by the photos' luminance; where two fit as well, the shorter. Blocks that fit to 2 levels are
*followed*: there the scene moved or stood still, and was not uncovered or lit anew. On them

    flicker = mean |Y_t(p) - Y_{t-1}(p + d)|     in levels of 255

of the toons, beside the same of the photos, which is their noise. No warped pixel is interpolated. Shimmer of
what moves by fractions of a pixel counts in both.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from multitoon.filters.gradient import luminance

BLOCK = 16
"""Pixels."""
REACH = 7
"""Largest displacement in pixels, in x and in y, from a frame to the next."""
FIT = 2.0
"""Levels of 255, mean over a block, by which a followed block may differ."""
SHORTER = 0.05
"""Levels per pixel that a longer displacement must fit better by."""


def flicker_sums(before: tuple[Tensor, Tensor], after: tuple[Tensor, Tensor]) -> Tensor:
    """(4,): blocks, blocks followed, and the sums of the photos' and the toons' change over those, in levels.

    Args:
        before, after: photo and toon of two frames, (1, 3, H, W) in [-1, 1].
    """
    photo_0, toon_0, photo_1, toon_1 = (255 * luminance(x) for x in (*before, *after))
    best = cost = None
    for dy, dx in _displacements():
        photo_change, toon_change = _change(photo_1, photo_0, dy, dx), _change(toon_1, toon_0, dy, dx)
        rank = photo_change + SHORTER * (dx * dx + dy * dy) ** 0.5
        if cost is None:
            cost, best = rank, torch.stack([photo_change, toon_change])
            continue
        better = rank < cost
        cost = torch.where(better, rank, cost)
        best = torch.where(better, torch.stack([photo_change, toon_change]), best)
    followed = best[0] <= FIT
    blocks = torch.tensor(float(followed.numel()), dtype=best.dtype)
    return torch.stack([blocks, followed.sum().to(best.dtype), *(best * followed).sum((1, 2, 3, 4))])


def _displacements() -> list[tuple[int, int]]:
    """None first, then the others from short to long."""
    span = range(-REACH, REACH + 1)
    return sorted(((dy, dx) for dy in span for dx in span), key=lambda d: (d[0] ** 2 + d[1] ** 2, d))


def _change(after: Tensor, before: Tensor, dy: int, dx: int) -> Tensor:
    """Mean |after - before moved by (dy, dx)| of each whole block, (1, 1, H / 16, W / 16).

    A block whose origin lies outside the frame differs by infinity.
    """
    height, width = after.shape[-2:]
    moved = F.pad(before, (REACH,) * 4, value=torch.inf)
    moved = moved[..., REACH + dy : REACH + dy + height, REACH + dx : REACH + dx + width]
    return F.avg_pool2d((after - moved).abs(), BLOCK)
