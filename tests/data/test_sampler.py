"""Crops are a function of seed and step, aligned between photo and target, and keep off the border."""

from __future__ import annotations

import torch

from multitoon.data.sampler import paired_crops, step_generator

PLACES = torch.arange(5 * 20 * 24).view(5, 1, 20, 24)


def test_the_same_step_gives_the_same_crops() -> None:
    first, second = (paired_crops((PLACES,), 4, 8, 2, step_generator(3, 17))[0] for _ in range(2))
    other = paired_crops((PLACES,), 4, 8, 2, step_generator(3, 18))[0]
    assert torch.equal(first, second)
    assert not torch.equal(first, other)


def test_photo_and_target_are_cut_and_mirrored_alike() -> None:
    photo, target = paired_crops((PLACES, PLACES + 1), 16, 8, 2, step_generator(0, 0))
    assert photo.shape == (16, 1, 8, 8)
    assert torch.equal(target, photo + 1)
    mirrored = (photo[:, 0, 0, 0] > photo[:, 0, 0, 1]).sum()
    assert 0 < mirrored < 16


def test_the_border_is_never_used() -> None:
    crops = torch.cat([paired_crops((PLACES,), 8, 8, 3, step_generator(0, i))[0] for i in range(40)])
    row, column = crops // 24 % 20, crops % 24
    assert (row.min(), row.max(), column.min(), column.max()) == (3, 16, 3, 20)
