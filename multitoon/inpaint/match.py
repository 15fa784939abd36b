"""The closest known cells for every cell of a hole, by the backbone's latents, and what they vote for.

A cell is 2x2 pixels, one position of the encoder's first map. It is compared by its 3x3 neighbors: their
colors and their latents, each weighted by how well it is known, so that cells at the border of a hole are
judged by the photo and those behind them by what has been made of it so far. Matched cells bring the 8x8
pixels around them; where these overlap they are averaged (Wexler, Shechtman, Irani 2007, eqs. 3 to 5).
"""

from __future__ import annotations

import dataclasses
import math

import torch
import torch.nn.functional as F
from torch import Tensor

from multitoon.model.backbone import Backbone

CELL = 2
"""Side of a cell in pixels."""
AROUND = 3
"""Pixels that a cell brings beyond its own, on each side."""
PATCH = CELL + 2 * AROUND
"""Side in pixels of what a cell brings."""
WIDTH = PATCH / 6
"""Deviation in pixels of a patch's weight around its middle: wider ones blur, and hide seams that a Poisson
solver closes anyway."""
ROWS = 1024
"""Cells compared at a time: bounds the memory of a comparison."""
EXACT = 30_000_000
"""Pairs of cells up to which all are compared; beyond, only those near the matches of the coarser scale."""


DECAY = 0.3
"""How much less a pixel counts in a comparison than its neighbor toward the border of the hole."""
LEAST = 1e-3
"""What the deepest pixels count."""
FAR = 0.5
"""What all deeper latents together weigh beside colors and first latents."""


@dataclasses.dataclass(frozen=True)
class Cells:
    """The cells of a picture (1, 3, H, W), H and W even: h = H / 2 rows and w = W / 2 columns."""

    near: Tensor
    """(C, h, w): colors and the latents of the encoder's first map, compared with their 3x3 neighbors."""
    far: Tensor
    """(C', h, w): the deeper latents, which see far themselves."""
    scale: Tensor
    """(C + C',), what the maps were multiplied by, to bring other pictures' cells to the same scale."""

    @property
    def size(self) -> tuple[int, int]:
        return self.near.shape[-2], self.near.shape[-1]


@dataclasses.dataclass(frozen=True)
class Matches:
    """Which cell stands in for which."""

    queries: Tensor
    """(N,), flat positions of the cells in and around the hole."""
    index: Tensor
    """(N,), flat positions in the same picture, or h * w + row of the bank."""
    distance: Tensor
    """(N,)."""

    def shares(self, trust: Tensor) -> Tensor:
        """(N,): how much each counts; what is near the border, and matched closely, more."""
        usual = self.distance.median().clamp_min(1e-8)
        return trust.flatten()[self.queries] * torch.exp(-self.distance / (2 * usual)).clamp_min(1e-4)


def depth(hole: Tensor) -> Tensor:
    """How many pixels deep in the hole each pixel lies, (1, 1, H, W); 0 outside, 1 at its border."""
    left, total = hole, torch.zeros_like(hole)
    while left.any():
        total = total + left
        if left.all():
            break  # a picture that is all hole has no border
        left = -F.max_pool2d(-left, 3, 1, 1)
    return total


def trusted(hole: Tensor) -> Tensor:
    """How well each cell is known, (1, 1, h, w): 1 outside the hole, less and less toward its middle."""
    weight = torch.where(hole > 0, DECAY ** depth(hole), 1.0).clamp_min(LEAST)
    return F.avg_pool2d(weight, CELL)


def cells_of(backbone: Backbone, x: Tensor, known: Tensor, scale: Tensor | None = None) -> Cells:
    """The cells of `x` (1, 3, H, W).

    Args:
        known: (1, 1, H, W), 1 where the photo is known: there, colors and each map of latents have the same
            mean square deviation.
        scale: (C + C',) or (1,), instead of that.
    """
    height, width = x.shape[-2] // CELL, x.shape[-1] // CELL
    groups = [F.pixel_unshuffle(x, CELL), *_latent_maps(backbone, x, (height, width))]
    near, far = groups[:2], groups[2:]
    if scale is None:
        inside = F.avg_pool2d(known, CELL)[0, 0] > 0.5
        parts = [_unit_scale(group, inside) for group in near]
        parts += [_unit_scale(group, inside) * (FAR / len(far)) ** 0.5 for group in far]
        scale = torch.cat(parts)
    maps = torch.cat(groups, 1)[0] * scale[:, None, None]
    count = sum(group.shape[1] for group in near)
    return Cells(maps[:count], maps[count:], scale)


def describe(cells: Cells, index: Tensor) -> Tensor:
    """(N, 9 C + C'): the cells at flat positions `index` (N,), each with its 3x3 neighbors."""
    height, width = cells.size
    rows, columns = index // width, index % width
    flat = cells.near.flatten(1)
    around = []
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            position = (rows + dy).clamp(0, height - 1) * width + (columns + dx).clamp(0, width - 1)
            around.append(flat[:, position].T)
    return torch.cat([*around, cells.far.flatten(1)[:, index].T], 1)


def around(values: Tensor, index: Tensor) -> Tensor:
    """(N, 10) of a map `values` (1, 1, h, w): at the 3x3 neighbors of each position, summing to 1, and at the
    position itself, as `describe` orders its parts."""
    height, width = values.shape[-2:]
    rows, columns = index // width, index % width
    offsets = torch.tensor([(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)])
    y = (rows[:, None] + offsets[:, 0]).clamp(0, height - 1)
    x = (columns[:, None] + offsets[:, 1]).clamp(0, width - 1)
    found = values[0, 0, y, x]
    return torch.cat([found / found.sum(1, keepdim=True), found[:, 4:5]], 1)


def spread(weights: Tensor, length: int, near: int) -> Tensor:
    """`weights` (N, 10) of parts as those of single values, (N, length)."""
    return torch.cat(
        [weights[:, :9].repeat_interleave(near, 1), weights[:, 9:].expand(-1, length - 9 * near)], 1
    )


def nearest(queries: Tensor, weights: Tensor, candidates: Tensor, near: int) -> tuple[Tensor, Tensor]:
    """For each query the row of the closest candidate, (N,), and the weighted squared distance, (N,).

    sum over parts k of weights[k] * |query[k] - candidate[k]|^2, written as products of matrices.

    Args:
        queries: (N, 9 C + C'), as `describe` gives them.
        weights: (N, 10), of each part.
        candidates: (M, 9 C + C').
        near: C.
    """
    squares = candidates.square()
    squares = torch.stack([part.sum(1) for part in _parts(squares, near)], 1)  # (M, 10)
    rows, distances = [], []
    for start in range(0, len(queries), ROWS):
        query, weight = queries[start : start + ROWS], weights[start : start + ROWS]
        weighted = query * spread(weight, query.shape[1], near)
        distance = weight @ squares.T - 2 * weighted @ candidates.T
        value, row = distance.min(1)
        rows.append(row)
        distances.append(value + (query * weighted).sum(1))
    return torch.cat(rows), torch.cat(distances).clamp_min(0)


def nearest_of(
    queries: Tensor, weights: Tensor, cells: Cells, choices: Tensor, usable: Tensor
) -> tuple[Tensor, Tensor]:
    """As `nearest`, each query among its own `choices` (N, K), flat positions of `cells`.

    Args:
        usable: (h * w,) bool; other positions are at an infinite distance.
    """
    indices, distances = [], []
    near = len(cells.near)
    for start in range(0, len(queries), ROWS):
        query, choice = queries[start : start + ROWS], choices[start : start + ROWS]
        weight = spread(weights[start : start + ROWS], query.shape[1], near)
        index, best = choice[:, 0], query.new_full((len(query),), math.inf)
        for column in choice.T:
            distance = ((describe(cells, column) - query).square() * weight).sum(1)
            distance = distance.masked_fill(~usable[column], math.inf)
            closer = distance < best
            best, index = torch.where(closer, distance, best), torch.where(closer, column, index)
        indices.append(index)
        distances.append(best)
    return torch.cat(indices), torch.cat(distances)


def patches(picture: Tensor, index: Tensor) -> Tensor:
    """(N, 3, 8, 8): the pixels around the cells at flat positions `index` (N,) of `picture` (1, 3, H, W)."""
    height, width = picture.shape[-2:]
    rows, columns = index // (width // CELL) * CELL, index % (width // CELL) * CELL
    reach = torch.arange(-AROUND, CELL + AROUND)
    y = (rows[:, None] + reach).clamp(0, height - 1)[:, :, None]
    x = (columns[:, None] + reach).clamp(0, width - 1)[:, None, :]
    return picture[0][:, y, x].transpose(0, 1)


def vote(found: Tensor, index: Tensor, shares: Tensor, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """The weighted mean of overlapping patches, (1, C, H, W), and the sum of their weights, (1, 1, H, W).

    Args:
        found: (N, C, h, w) with sides of at most 8, what each cell brings: pixels, or differences of pixels.
        index: (N,), where: flat positions of cells.
        shares: (N,), how much each counts.
        size: (H, W) of the picture, even.
    """
    height, width = size
    rows, columns = (torch.arange(side) - (side - 1) / 2 for side in found.shape[-2:])
    weight = torch.exp(-(rows[:, None].square() + columns.square()) / (2 * WIDTH**2))
    weight = shares[:, None, None] * weight  # (N, h, w)
    cells_in_row = width // CELL
    # Laid out as rows of pixels around the picture's own, which a border of AROUND pixels frames.
    stride = width + 2 * AROUND
    corner = index // cells_in_row * CELL * stride + index % cells_in_row * CELL
    offsets = (torch.arange(len(rows))[:, None] * stride + torch.arange(len(columns))).flatten()
    position = (corner[:, None] + offsets).flatten()
    total = torch.zeros(found.shape[1] + 1, (height + 2 * AROUND) * stride)
    for channel, values in enumerate(found.unbind(1)):
        total[channel].index_add_(0, position, (values * weight).flatten())
    total[-1].index_add_(0, position, weight.flatten())
    total = total.view(-1, height + 2 * AROUND, stride)[:, AROUND:-AROUND, AROUND:-AROUND]
    return (total[:-1] / total[-1:].clamp_min(1e-12))[None], total[None, -1:]


def _parts(rows: Tensor, near: int) -> list[Tensor]:
    """The ten parts of `describe`'s rows: 3x3 neighbors of `near` values each, and the rest."""
    return [*rows[:, : 9 * near].split(near, 1), rows[:, 9 * near :]]


def _latent_maps(backbone: Backbone, x: Tensor, size: tuple[int, int]) -> list[Tensor]:
    """The backbone's skips and deepest map of `x`, each at the resolution of cells."""
    height, width = x.shape[-2:]
    multiple = backbone.multiple
    padded = F.pad(x, (0, -width % multiple, 0, -height % multiple), mode="replicate")
    latents = backbone.encode(padded)
    maps = []
    for found in (*latents.skips, latents.z):
        factor = padded.shape[-1] // found.shape[-1] / CELL
        if factor != 1:
            found = F.interpolate(found, scale_factor=factor, mode="bilinear", align_corners=False)
        maps.append(found[..., : size[0], : size[1]])
    return maps


def _unit_scale(group: Tensor, inside: Tensor) -> Tensor:
    """One factor for all channels of `group` (1, C, h, w): its distances become 1 on the mean."""
    values = group[0][:, inside] if inside.sum() > 1 else group[0].flatten(1)
    deviation = values.std(1).square().mean().sqrt() if values.shape[1] > 1 else values.new_tensor(1.0)
    channels = group.shape[1]
    return (1 / (deviation.clamp_min(1e-4) * channels**0.5)).expand(channels)
