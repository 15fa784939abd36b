"""The regions around the holes of a photo: all that is worked on, so a small hole in a large one is cheap."""

from __future__ import annotations

from collections.abc import Iterator

import torch.nn.functional as F
from torch import Tensor

MARGIN = 48
"""Pixels around a hole that are seen at least; a hole wider than that sees as much as it is wide."""
GRID = 128
"""Blocks along the longer side, at which neighboring holes count as one."""

Window = tuple[int, int, int, int]
"""top, bottom, left, right in pixels."""


def windows(hole: Tensor) -> list[Window]:
    """Rectangles that cover all of the hole (1, 1, H, W) with what is seen around it; no two overlap.

    >>> import torch
    >>> hole = torch.zeros(1, 1, 300, 400)
    >>> hole[..., 100:110, 200:220] = 1
    >>> windows(hole)
    [(48, 160, 148, 268)]
    """
    height, width = hole.shape[-2:]
    block = max(4, -(-max(height, width) // GRID))
    occupied = F.max_pool2d(hole, block, ceil_mode=True)[0, 0] > 0
    found = []
    for rows, columns in _groups(occupied.nonzero().tolist()):
        top, bottom = min(rows) * block, (max(rows) + 1) * block
        left, right = min(columns) * block, (max(columns) + 1) * block
        margin = max(MARGIN, bottom - top, right - left)
        found.append((top - margin, bottom + margin, left - margin, right + margin))
    found = [(max(0, t), min(height, b), max(0, lf), min(width, r)) for t, b, lf, r in found]
    return sorted(_united(found))


def _groups(blocks: list[list[int]]) -> Iterator[tuple[list[int], list[int]]]:
    """Rows and columns of blocks that touch, group by group."""
    left = {(row, column) for row, column in blocks}
    while left:
        edge = [left.pop()]
        group = []
        while edge:
            row, column = edge.pop()
            group.append((row, column))
            near = {(row + dy, column + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)} & left
            left -= near
            edge += near
        yield [row for row, _ in group], [column for _, column in group]


def _united(rectangles: list[Window]) -> list[Window]:
    """Overlapping rectangles replaced by the one around them, until none overlap."""
    done: list[Window] = []
    for new in rectangles:
        while overlapping := [old for old in done if _overlap(old, new)]:
            done = [old for old in done if old not in overlapping]
            tops, bottoms, lefts, rights = zip(*overlapping, new, strict=True)
            new = (min(tops), max(bottoms), min(lefts), max(rights))
        done.append(new)
    return done


def _overlap(a: Window, b: Window) -> bool:
    return a[0] < b[1] and b[0] < a[1] and a[2] < b[3] and b[2] < a[3]
