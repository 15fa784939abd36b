"""Which pictures a training step sees: a pure function of seed and step, so that a resume is exact."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor


def step_generator(seed: int, step: int) -> torch.Generator:
    """A generator of its own for each step: nothing that happened before has an influence."""
    return torch.Generator().manual_seed((seed * 1_000_003 + step) % 2**63)


class Place(NamedTuple):
    """Where a crop is cut: which picture, its upper left corner in pixels, whether it is mirrored."""

    index: int
    top: int
    left: int
    mirrored: bool


class Placing(NamedTuple):
    """How the places of crops are drawn."""

    crop: int
    """Side of the square crops, pixels."""
    border: int = 0
    """Pixels at the edges that are never used: CartoonGAN draws a frame there."""
    grid: int = 1
    """Crops begin at multiples of so many pixels from the border."""
    mirror: bool = True
    """Mirror every other crop, at random."""


def random_place(shape: torch.Size, how: Placing, generator: torch.Generator) -> Place:
    """Where to cut in pictures of `shape` (N, C, H, W)."""
    count, _, *size = shape
    index = int(torch.randint(count, (), generator=generator))
    top, left = (
        how.border
        + how.grid
        * int(torch.randint((side - 2 * how.border - how.crop) // how.grid + 1, (), generator=generator))
        for side in size
    )
    mirrored = bool(torch.randint(2, (), generator=generator))
    return Place(index, top, left, mirrored and how.mirror)


def pooled_place(shape: torch.Size, how: Placing, pool: int, seed: int, generator: torch.Generator) -> Place:
    """One of `pool` places that are fixed by `seed`, so that what was computed for it can be used again."""
    number = int(torch.randint(pool, (), generator=generator))
    return random_place(shape, how, step_generator(seed + 1, number))


def cut(pictures: Tensor, places: Sequence[Place], crop: int) -> Tensor:
    """The crops (len(places), C, crop, crop) of `pictures` (N, C, H, W)."""
    crops = (pictures[p.index, :, p.top : p.top + crop, p.left : p.left + crop] for p in places)
    return torch.stack([c.flip(-1) if p.mirrored else c for c, p in zip(crops, places, strict=True)])
