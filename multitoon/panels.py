"""Panels on pages: rows of one to three, of unlike widths, that fill the page and cut little off."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Sequence

from multitoon.errors import UsageError

PAGE_WH = (1240, 1754)
"""A4 at 150 dots an inch."""
MARGIN, GUTTER = 52, 18
"""Pixels around all panels, and between two."""
SPLITS = {
    1: ((1.0,),),
    2: ((0.58, 0.42), (0.42, 0.58), (0.5, 0.5)),
    3: ((0.4, 0.3, 0.3), (0.3, 0.4, 0.3), (0.3, 0.3, 0.4)),
}
"""Shares of a row's width, by the number of its panels; rows with as many take them in turn."""
SHAPES = (0.75, 1.7)
"""Width over height that panels beside each other may have; what they show is cut to that."""
MOST_ROWS = 5
LAST_PAGE = 1.25
"""How much taller than natural a last page's rows may be: it ends where they do."""


@dataclasses.dataclass(frozen=True)
class Panel:
    """A rectangle on a page, in pixels."""

    picture: int
    """Which one it shows, from 0."""
    left: int
    top: int
    width: int
    height: int


def lay_out(
    aspects: Sequence[float], page_wh: tuple[int, int] = PAGE_WH, header: int = 0
) -> list[list[Panel]]:
    """The panels of each page, in reading order, for pictures of these `aspects` (width over height).

    Args:
        header: pixels that the first page keeps free at its top.

    Raises:
        UsageError: no picture, or a page too small to hold a panel.
    """
    if not aspects:
        raise UsageError("A comic needs at least one picture.")
    inside_wh = (page_wh[0] - 2 * MARGIN, page_wh[1] - 2 * MARGIN)
    if min(inside_wh) < 8 * GUTTER:
        raise UsageError(f"A page of {page_wh[0]}x{page_wh[1]} pixels is too small for panels.")
    pages, first, turn, before = [], 0, 0, ()
    while first < len(aspects):
        room = inside_wh[1] - (0 if pages else header)
        rows = _rows(aspects[first:], inside_wh[0], room, before, is_first=not pages)
        top = MARGIN + (0 if pages else header)
        page, turn = _place(aspects, first, rows, (inside_wh[0], room), top, turn)
        pages.append(page)
        first, before = first + sum(rows), rows
    return pages


def _rows(
    aspects: Sequence[float], width: int, height: int, before: tuple[int, ...], *, is_first: bool
) -> tuple[int, ...]:
    """How many panels each row of the next page has: what fills the page best and is not what was before."""

    def cost(rows: tuple[int, ...]) -> float:
        used = list(itertools.accumulate(rows, initial=0))
        natural = sum(_height(aspects[a:b], width) for a, b in itertools.pairwise(used)) + GUTTER * (
            len(rows) - 1
        )
        if sum(rows) == len(aspects) and natural < height:  # the last page may end early
            misfit = 0.15 * (1 - natural / height)
        else:
            misfit = abs(math.log(natural / height))
        monotony = sum(a == b for a, b in itertools.pairwise(rows)) / max(1, len(rows) - 1)
        repeated = rows == before
        opening = is_first and rows[0] != 1  # a comic opens with a wide picture
        orphan = len(aspects) - sum(rows) == 1
        return misfit + 0.12 * monotony + 0.2 * repeated + 0.2 * opening + 0.3 * orphan

    return min(
        (
            rows
            for length in range(1, MOST_ROWS + 1)
            for rows in itertools.product(SPLITS, repeat=length)
            if sum(rows) <= len(aspects)
        ),
        key=cost,
    )


def _height(aspects: Sequence[float], width: int) -> float:
    """Pixels of a row that shows its pictures whole, but for what `SHAPES` cuts off."""
    if len(aspects) == 1:
        return width / max(aspects[0], 1.0)
    across = width - GUTTER * (len(aspects) - 1)
    return across / sum(min(max(aspect, SHAPES[0]), SHAPES[1]) for aspect in aspects)


def _place(
    aspects: Sequence[float],
    first: int,
    rows: tuple[int, ...],
    room_wh: tuple[int, int],
    top: int,
    turn: int,
) -> tuple[list[Panel], int]:
    """The panels of one page; `turn` counts the rows so far that had several."""
    width, height = room_wh
    used = list(itertools.accumulate(rows, initial=first))
    natural = [_height(aspects[a:b], width) for a, b in itertools.pairwise(used)]
    stretch = (height - GUTTER * (len(rows) - 1)) / sum(natural)
    if used[-1] == len(aspects):
        stretch = min(stretch, LAST_PAGE)
    edges = [top + round(sum(natural[:i]) * stretch + i * GUTTER) for i in range(len(rows) + 1)]
    panels = []
    for (begin, end), upper, lower in zip(itertools.pairwise(used), edges, edges[1:], strict=False):
        count = end - begin
        split = SPLITS[count][turn % len(SPLITS[count])]
        turn += count > 1
        across = width - GUTTER * (count - 1)
        marks = [round(across * share) for share in itertools.accumulate(split, initial=0.0)]
        for i in range(count):
            left = MARGIN + marks[i] + i * GUTTER
            panels.append(Panel(begin + i, left, upper, marks[i + 1] - marks[i], lower - GUTTER - upper))
    return panels, turn
