"""Any picture through a network that wants multiples of its stride, in bounded memory and without seams.

The picture is mirrored once around its border, so that the network's own padding never touches it, and cut
into tiles that start at multiples of the stride. Each tile sees `halo` pixels more than it keeps: where that
is the network's receptive field, tiled and whole are the same sum of the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from multitoon.errors import UsageError

BORDER = 8
"""Mirrored pixels around the picture: zeros inside a network fade within a few, and 8 keeps all strides."""


def apply_tiled(
    network: Callable[[Tensor], Tensor],
    x: Tensor,
    *,
    tile: int | None,
    halo: int,
    multiple: int = 1,
    border: int = BORDER,
) -> Tensor:
    """`network(x)` for an `x` (B, C, H, W) of any size and dtype; comes out as (B, C', H, W).

    `network` gets windows whose sides are multiples of `multiple`, and returns windows of the same size, of
    any dtype and number of channels. Only the windows are copied, so a big `x` may stay uint8 while `network`
    turns its window into floats and back.

    Args:
        tile: side in pixels that a tile keeps, at most; None runs the whole picture at once, which networks
            with statistics per picture need.
        halo: what a tile sees beyond what it keeps, in pixels: the radius of the receptive field.
        border: mirrored pixels around the picture.

    Raises:
        UsageError: `x` has no pixels, or `tile`, `halo`, `multiple` or `border` is out of range.

    >>> apply_tiled(lambda w: 2 * w, torch.ones(1, 3, 5, 7), tile=4, halo=2, multiple=4).shape
    torch.Size([1, 3, 5, 7])
    """
    _check(x, tile, halo, multiple, border)
    height, width = x.shape[-2:]
    halo = _round_up(halo, multiple)
    # Tiles live on a canvas: the picture, the border and what completes the multiple.
    canvas = [_round_up(size + 2 * border, multiple) for size in (height, width)]
    output = None
    for top, bottom in spans(canvas[0], tile, multiple):
        rows = _mirrored(max(0, top - halo), min(canvas[0], bottom + halo), border, height)
        band = x[:, :, rows.to(x.device)]
        for left, right in spans(canvas[1], tile, multiple):
            columns = _mirrored(max(0, left - halo), min(canvas[1], right + halo), border, width)
            result = network(band[:, :, :, columns.to(x.device)])
            if output is None:
                output = result.new_empty((*result.shape[:2], height, width))
            # The part of this tile that lies on the picture, in canvas coordinates.
            y0, y1 = max(top, border), min(bottom, border + height)
            x0, x1 = max(left, border), min(right, border + width)
            if y0 < y1 and x0 < x1:
                dy, dx = max(0, top - halo), max(0, left - halo)
                kept = result[:, :, y0 - dy : y1 - dy, x0 - dx : x1 - dx]
                output[:, :, y0 - border : y1 - border, x0 - border : x1 - border] = kept
    return output


def spans(size: int, tile: int | None, multiple: int) -> list[tuple[int, int]]:
    """`size` cut into the fewest pieces of at most `tile`, about equal, each starting at a multiple.

    >>> spans(100, 48, 8)
    [(0, 40), (40, 80), (80, 100)]
    """
    if tile is None or size <= tile:
        return [(0, size)]
    longest = max(multiple, tile // multiple * multiple)
    count = -(-size // longest)
    step = _round_up(-(-size // count), multiple)
    return [(start, min(start + step, size)) for start in range(0, size, step)]


def _mirrored(start: int, stop: int, border: int, size: int) -> Tensor:
    """Canvas coordinates start..stop as coordinates of a picture side of `size`, mirrored at its ends."""
    i = torch.arange(start - border, stop - border)
    if size == 1:
        return torch.zeros_like(i)
    period = 2 * (size - 1)
    i = i.remainder(period)
    return torch.minimum(i, period - i)


def _round_up(value: int, multiple: int) -> int:
    return -(-value // multiple) * multiple


def _check(x: Tensor, tile: int | None, halo: int, multiple: int, border: int) -> None:
    if x.ndim != 4 or x.numel() == 0:
        raise UsageError(f"x has shape {tuple(x.shape)}, must be (B, C, H, W) with at least one pixel.")
    if tile is not None and tile < 1:
        raise UsageError(f"tile is {tile}, must be at least 1 pixel, or None for the whole picture.")
    if multiple < 1 or halo < 0 or border < 0:
        raise UsageError(
            f"multiple is {multiple}, halo {halo}, border {border}; wanted at least 1, 0 and 0 pixels."
        )
