"""Which pictures a training step sees: a pure function of seed and step, so that a resume is exact."""

from __future__ import annotations

import torch
from torch import Tensor


def step_generator(seed: int, step: int) -> torch.Generator:
    """A generator of its own for each step: nothing that happened before has an influence."""
    return torch.Generator().manual_seed((seed * 1_000_003 + step) % 2**63)


def paired_crops(
    pictures: tuple[Tensor, ...], batch_size: int, crop: int, border: int, generator: torch.Generator
) -> tuple[Tensor, ...]:
    """The same random crops of several aligned sets of pictures.

    Each of `pictures` is (N, C, H, W); each result (batch_size, C, crop, crop), mirrored at random. `border`
    pixels at the edges are never used: CartoonGAN draws a frame there.
    """
    count, _, height, width = pictures[0].shape
    rows = []
    for _ in range(batch_size):
        index = int(torch.randint(count, (), generator=generator))
        top = border + int(torch.randint(height - 2 * border - crop + 1, (), generator=generator))
        left = border + int(torch.randint(width - 2 * border - crop + 1, (), generator=generator))
        mirrored = bool(torch.randint(2, (), generator=generator))
        cut = (p[index, :, top : top + crop, left : left + crop] for p in pictures)
        rows.append(tuple(c.flip(-1) if mirrored else c for c in cut))
    return tuple(torch.stack(column) for column in zip(*rows, strict=True))
