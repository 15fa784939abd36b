"""From a smooth fill to one with structure: match and vote, from coarse to fine.

On each scale, beginning where the hole is a few pixels deep, every cell in and around the hole takes the
closest known cell (`match.py`), their patches vote for a new picture, and again. What comes out continues
edges and has the photo's own texture. They vote for differences of neighboring pixels, not for colors
(Darabi, Shechtman, Barnes, Goldman, Sen 2012, section 3.2): a patch from a brighter place then fits as it is.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from multitoon.inpaint.bank import Bank
from multitoon.inpaint.baseline import smooth_fill
from multitoon.inpaint.match import (
    CELL,
    EXACT,
    Matches,
    around,
    cells_of,
    depth,
    describe,
    nearest,
    nearest_of,
    patches,
    trusted,
    vote,
)
from multitoon.inpaint.poisson import blend, integrate
from multitoon.inpaint.search import search
from multitoon.model.backbone import Backbone

DEEPEST = 6.0
"""Depth of a hole in pixels on the coarsest scale."""
STRANGER = 1.5
"""How many times closer a cell of the bank must be than one of the photo itself."""
ROUNDS = 3
"""Matches and votes on each scale."""
RANDOM = 3
"""Random cells that each is compared with, where not all are."""


@dataclasses.dataclass(frozen=True)
class Scale:
    """The photo and its hole at one size; where the hole is, the smooth fill."""

    picture: Tensor
    """(1, 3, h, w)."""
    hole: Tensor
    """(1, 1, h, w), 1 = hole."""
    usable: Tensor
    """(1, 1, h, w), 1 where cells may be taken from."""


OnRound = Callable[[Tensor, float], bool]
"""Called after each vote and each step of the search with the picture on its scale and the mean distance.
False ends the fill: what there is by then is enlarged and returned."""


def structured_fill(
    backbone: Backbone,
    photo: Tensor,
    hole: Tensor,
    *,
    bank: Bank | None = None,
    own: bool = True,
    steps: int = 0,
    poisson: bool = True,
    prior: float = 0.0,
    seed: int = 0,
    on_round: OnRound = lambda picture, distance: True,
) -> Tensor:
    """`photo` (1, 3, H, W) with structure in its hole (1, 1, H, W; 1 = hole).

    Args:
        bank: cells of other photos, beside the photo's own.
        own: whether the photo's own known parts may be used.
        steps: of the search on the latents, at full size (`search.py`).
        poisson: whether patches vote for differences of pixels, from which the picture is integrated with the
            photo's colors around the hole, so that no seam is left; otherwise for colors.
        prior: of the search (`search.py`).
        seed: of the cells that are compared where there are too many.
    """
    height, width = photo.shape[-2:]
    scales = list(pyramid(photo, hole))
    generator = torch.Generator().manual_seed(seed)
    matches, going = None, True
    for level in range(len(scales) - 1, -1, -1):
        scale = scales[level]
        if matches is None:
            picture = _peeled(backbone, scale, bank, own, poisson, generator)
        else:
            larger = F.interpolate(picture, size=scale.picture.shape[-2:], mode="bicubic")
            if not going:
                picture = blend(scale.picture, larger, scale.hole)
                continue
            picture = torch.where(scale.hole > 0, larger, scale.picture)
            # What was only enlarged has no detail, and would be matched with what has none.
            matches = _finer(matches, scale)
            picture = picture if matches is None else _voted(scale, picture, matches, bank, poisson)
        for _ in range(ROUNDS):
            picture, matches = _round(backbone, scale, picture, matches, bank, own, poisson, generator)
            if matches is None:  # too small a scale for any whole patch
                break
            going = on_round(picture, float(matches.distance.mean()))
            if not going:
                break
    if going and steps and matches is not None:
        picture = search(backbone, picture, scales[0].hole, matches, bank, steps, on_round, prior=prior)
    return torch.where(hole > 0, picture[..., :height, :width], photo)


def pyramid(photo: Tensor, hole: Tensor) -> Iterator[Scale]:
    """The photo at full size, then each time at half the size, until the hole is at most `DEEPEST` deep.

    A pixel of a smaller picture is the mean of the known ones of its four, and hole where most of them are.
    """
    levels = max(0, math.ceil(math.log2(max(1.0, depth(hole).max().item()) / DEEPEST)))
    multiple = CELL * 2**levels
    height, width = photo.shape[-2:]
    border = (0, -width % multiple, 0, -height % multiple)
    usable = F.pad(1 - hole, border)
    picture = F.pad(photo.masked_fill(hole > 0, 0), border, mode="replicate")
    hole = F.pad(hole, border, mode="replicate")
    for _ in range(levels + 1):
        yield Scale(smooth_fill(picture, hole), hole, usable)
        known = F.avg_pool2d(1 - hole, 2)
        picture = F.avg_pool2d(picture * (1 - hole), 2) / known.clamp_min(0.25)
        hole = (known < 0.5).to(hole.dtype)
        usable = (F.avg_pool2d(usable, 2) >= 0.5).to(hole.dtype) * (1 - hole)


def _peeled(
    backbone: Backbone, scale: Scale, bank: Bank | None, own: bool, poisson: bool, generator: torch.Generator
) -> Tensor:
    """The picture on the coarsest scale, filled layer by layer from the border of the hole inward.

    Were all cells matched at once, those deep in the hole would be compared by the smooth fill, find what is
    as flat, and stay flat.
    """
    picture, left = scale.picture, scale.hole
    while left.any():
        inner = -F.max_pool2d(-left, 2 * CELL + 1, 1, CELL)
        layer = Scale(picture, left, scale.usable)
        found, matches = _round(backbone, layer, picture, None, bank, own, poisson, generator)
        if matches is None or torch.equal(inner, left):
            break
        picture, left = smooth_fill(found, inner), inner
    return picture


def _round(
    backbone: Backbone,
    scale: Scale,
    picture: Tensor,
    matches: Matches | None,
    bank: Bank | None,
    own: bool,
    poisson: bool,
    generator: torch.Generator,
) -> tuple[Tensor, Matches | None]:
    """One match and one vote; (picture, None) where there is nothing to match with."""
    cells = cells_of(backbone, picture, 1 - scale.hole)
    size = cells.size
    near_hole = F.max_pool2d(F.max_pool2d(scale.hole, CELL), 5, 1, 2).flatten() > 0
    usable = _usable(scale) & own
    queries = near_hole.nonzero()[:, 0]
    trust = trusted(scale.hole)
    weights, compared = around(trust, queries), describe(cells, queries)

    candidates = usable.nonzero()[:, 0]
    index, distance = torch.zeros_like(queries), torch.full((len(queries),), math.inf)
    exact = matches is None or len(candidates) * len(queries) <= EXACT
    if len(candidates) and exact:
        candidates = candidates[torch.randperm(len(candidates), generator=generator)[: EXACT // len(queries)]]
        row, distance = nearest(compared, weights, describe(cells, candidates), len(cells.near))
        index = candidates[row]
    elif len(candidates):
        choices = _choices(matches, queries, candidates, size, generator)
        index, distance = nearest_of(compared, weights, cells, choices, usable)
    if bank is not None:
        row, found = nearest(compared, weights, bank.described(cells), len(cells.near))
        closer = found * STRANGER < distance
        index = torch.where(closer, size[0] * size[1] + row, index)
        distance = torch.where(closer, found, distance)
    found = distance.isfinite()
    if not found.any():
        return picture, None
    matches = Matches(queries[found], index[found], distance[found])
    return _voted(scale, picture, matches, bank, poisson), matches


def _voted(scale: Scale, picture: Tensor, matches: Matches, bank: Bank | None, poisson: bool) -> Tensor:
    """`picture` with what the matches vote for in its hole: differences of pixels, or their colors."""
    brought, size = _brought(picture, matches.index, bank), picture.shape[-2:]
    shares = matches.shares(trusted(scale.hole))

    def elected(values: Tensor, otherwise: Tensor) -> Tensor:
        drawn, weight = vote(values, matches.queries, shares, size)
        drawn, weight = (x[..., : otherwise.shape[-2], : otherwise.shape[-1]] for x in (drawn, weight))
        return torch.where(weight > 1e-9, drawn, otherwise)

    if not poisson:
        return torch.where(scale.hole > 0, elected(brought, picture), picture)
    across, down = (elected(brought.diff(dim=dim), picture.diff(dim=dim)) for dim in (-1, -2))
    return integrate(picture, across, down, scale.hole)


def _brought(picture: Tensor, index: Tensor, bank: Bank | None) -> Tensor:
    """The patches (N, 3, 8, 8) of matched cells, the photo's own or the bank's."""
    count = picture.shape[-2] // CELL * (picture.shape[-1] // CELL)
    found = patches(picture, index.clamp_max(count - 1))
    if bank is not None:
        strange = index >= count
        found[strange] = bank.patches(index[strange] - count)
    return found


def _finer(matches: Matches, scale: Scale) -> Matches | None:
    """Matches of the coarser scale as those of `scale`, four for each; None where all are the bank's."""
    height, width = scale.hole.shape[-2] // CELL, scale.hole.shape[-1] // CELL
    own = matches.index < height // 2 * (width // 2)
    queries, index = matches.queries[own], matches.index[own]
    fine_queries, fine_index = [], []
    for dy in (0, 1):
        for dx in (0, 1):
            fine_queries.append(_child(queries, width, dy, dx))
            fine_index.append(_child(index, width, dy, dx))
    queries, index, distance = torch.cat(fine_queries), torch.cat(fine_index), matches.distance[own].repeat(4)
    kept = _usable(scale)[index]
    return Matches(queries[kept], index[kept], distance[kept]) if kept.any() else None


def _child(index: Tensor, width: int, dy: int, dx: int) -> Tensor:
    """The cell at (dy, dx) of the four that `index` becomes where a row has `width` cells."""
    return (index // (width // 2) * 2 + dy) * width + index % (width // 2) * 2 + dx


def _usable(scale: Scale) -> Tensor:
    """(h * w,) bool: cells all of whose patch is known."""
    return F.max_pool2d(F.max_pool2d(1 - scale.usable, CELL), 5, 1, 2).flatten() == 0


def _choices(
    matches: Matches, queries: Tensor, candidates: Tensor, size: tuple[int, int], generator: torch.Generator
) -> Tensor:
    """For each query what its neighbors' matches suggest, and random cells: (N, 9 + RANDOM) flat positions.

    PatchMatch (Barnes, Shechtman, Finkelstein, Goldman 2009), all cells at once.
    """
    height, width = size
    row, column = queries // width, queries % width
    chance = candidates[torch.randint(len(candidates), (len(queries), 9 + RANDOM), generator=generator)]
    field = torch.full((height * width,), -1)
    own = matches.index < height * width
    field[matches.queries[own]] = matches.index[own]
    for k in range(9):
        dy, dx = k // 3 - 1, k % 3 - 1
        y, x = (row + dy).clamp(0, height - 1), (column + dx).clamp(0, width - 1)
        found = field[y * width + x]
        from_row = (found // width - dy).clamp(0, height - 1)
        from_column = (found % width - dx).clamp(0, width - 1)
        chance[:, k] = torch.where(found >= 0, from_row * width + from_column, chance[:, k])
    return chance
