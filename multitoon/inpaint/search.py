"""The picture whose latents are those of the matches: Adam, through the encoder.

    minimize over the hole's pixels    sum over cells of  W * | E(x) - E(match) |^2

with E the colors and all latents of a cell and W large toward the border of the hole (Yeh et al. 2017, eq. 3,
turned around: what is compared is not the picture with the photo, but latents with latents). This backbone
adds the photo to its output, so the picture is itself the finest of its latents and decoding is a sum. A vote
averages what is found, which blurs; here pixels are moved until what the network sees in them is right.

With `prior` the distance of each of the hole's cells to the bank's nearest is added, whichever cell that is:
the distance to the manifold of photos, as far as the bank has samples of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from multitoon.inpaint.match import CELL, Cells, Matches, around, cells_of, describe, nearest, spread, trusted
from multitoon.model.backbone import Backbone

if TYPE_CHECKING:
    from multitoon.inpaint.bank import Bank

RATE = 0.002
"""Adam's step, of a range of 2. Ten times that gives grain: where the loss hardly slopes, deep in the
hole, Adam's steps are as long as anywhere."""
SEEN = 32
"""Pixels around the hole that are encoded with it."""
ENOUGH = 1e-3
"""Share by which the loss must have fallen within `PATIENCE` steps; else the search ends."""
PATIENCE = 8
SAMPLED = 5
"""Steps after which the bank's nearest cells are looked up again."""


def search(
    backbone: Backbone,
    picture: Tensor,
    hole: Tensor,
    matches: Matches,
    bank: Bank | None,
    steps: int,
    on_step: Callable[[Tensor, float], bool],
    *,
    prior: float = 0.0,
) -> Tensor:
    """`picture` (1, 3, H, W), changed in its hole (1, 1, H, W) alone.

    Args:
        matches: of the same picture; their cells' latents are the goal.
        bank: where some of them come from.
        steps: at most.
        on_step: called with the picture and the loss after each step; False ends the search.
        prior: how much the distance to the bank's nearest cells counts, beside 1 for that to the matches.
    """
    with torch.no_grad():
        cells = cells_of(backbone, picture, 1 - hole)
        trust = trusted(hole)
        goal = _goal(cells, matches, bank)
        weights = around(trust, matches.queries) * matches.shares(trust)[:, None]
        weights = spread(weights / weights.sum(), goal.shape[1], len(cells.near))
    top, bottom, left, right = _around(hole)
    view = (..., slice(top, bottom), slice(left, right))
    rows, columns = matches.queries // cells.size[1], matches.queries % cells.size[1]
    inside = (rows >= top // CELL) & (rows < bottom // CELL)
    inside &= (columns >= left // CELL) & (columns < right // CELL)
    queries = ((rows - top // CELL) * ((right - left) // CELL) + columns - left // CELL)[inside]
    goal, weights = goal[inside], weights[inside]
    samples = bank.described(cells) if bank is not None and prior else None

    known, free = picture[view].clone(), hole[view] > 0
    with torch.enable_grad():
        x = known.clone().requires_grad_(True)
        optimizer = torch.optim.Adam([x], lr=RATE, betas=(0.9, 0.99))
        losses: list[float] = []
        for step in range(steps):
            for group in optimizer.param_groups:
                group["lr"] = RATE * (1 - step / steps)
            found = describe(cells_of(backbone, torch.where(free, x, known), known, cells.scale), queries)
            loss = (weights * (found - goal).square()).sum()
            if samples is not None:
                if step % SAMPLED == 0:
                    plain = found.new_tensor([1 / 9] * 9 + [1.0]).expand(len(found), -1)
                    near = samples[nearest(found.detach(), plain, samples, len(cells.near))[0]]
                    evenly = spread(plain / len(found), goal.shape[1], len(cells.near))
                loss = loss + prior * (evenly * (found - near).square()).sum()
            (x.grad,) = torch.autograd.grad(loss, x)  # the picture's alone: the weights stay as they are
            optimizer.step()
            losses.append(loss.item())
            current = picture.clone()
            current[view] = torch.where(free, x.detach(), known)
            stalled = step >= PATIENCE and losses[-1] > losses[-1 - PATIENCE] * (1 - ENOUGH)
            if not on_step(current, losses[-1]) or stalled:
                break
    result = picture.clone()
    result[view] = torch.where(free, x.detach().clamp(-1, 1), known)
    return result


def _goal(cells: Cells, matches: Matches, bank: Bank | None) -> Tensor:
    """The latents (N, D) that each query should have."""
    count = cells.size[0] * cells.size[1]
    goal = describe(cells, matches.index.clamp_max(count - 1))
    if bank is not None:
        strange = matches.index >= count
        goal[strange] = bank.described(cells)[matches.index[strange] - count]
    return goal


def _around(hole: Tensor) -> tuple[int, int, int, int]:
    """top, bottom, left, right of what is encoded, multiples of a cell."""
    height, width = hole.shape[-2:]
    rows = hole[0, 0].any(1).nonzero()
    columns = hole[0, 0].any(0).nonzero()
    top, left = max(0, int(rows[0]) - SEEN), max(0, int(columns[0]) - SEEN)
    bottom, right = min(height, int(rows[-1]) + 1 + SEEN), min(width, int(columns[-1]) + 1 + SEEN)
    return top // CELL * CELL, bottom // CELL * CELL, left // CELL * CELL, right // CELL * CELL
