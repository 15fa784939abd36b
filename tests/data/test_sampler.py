"""Crops are a function of seed and step, aligned between photo and target, and keep off the border."""

from __future__ import annotations

import torch

from multitoon.data.sampler import Placing, cut, pooled_place, random_place, step_generator

PLACES = torch.arange(5 * 20 * 24).view(5, 1, 20, 24)
HOW = Placing(crop=8, border=2)


def crops(how: Placing, count: int, step: int = 0, pictures: torch.Tensor = PLACES) -> torch.Tensor:
    generator = step_generator(3, step)
    return cut(pictures, [random_place(pictures.shape, how, generator) for _ in range(count)], how.crop)


def test_the_same_step_gives_the_same_crops() -> None:
    assert torch.equal(crops(HOW, 4, 17), crops(HOW, 4, 17))
    assert not torch.equal(crops(HOW, 4, 17), crops(HOW, 4, 18))


def test_photo_and_target_are_cut_and_mirrored_alike() -> None:
    photo, target = crops(HOW, 16), crops(HOW, 16, pictures=PLACES + 1)
    assert photo.shape == (16, 1, 8, 8)
    assert torch.equal(target, photo + 1)
    mirrored = (photo[:, 0, 0, 0] > photo[:, 0, 0, 1]).sum()
    assert 0 < mirrored < 16


def test_the_border_is_never_used() -> None:
    cut_out = crops(Placing(crop=8, border=3), 320)
    row, column = cut_out // 24 % 20, cut_out % 24
    assert (row.min(), row.max(), column.min(), column.max()) == (3, 16, 3, 20)


def test_crops_keep_to_the_grid_and_are_not_mirrored_unless_wanted() -> None:
    corner = crops(Placing(crop=8, border=2, grid=4, mirror=False), 200)[:, 0, 0, 0]
    assert set((corner // 24 % 20).tolist()) == {2, 6, 10}
    assert set((corner % 24).tolist()) == {2, 6, 10, 14}


def test_a_pool_holds_so_many_places_and_no_others() -> None:
    generator = step_generator(0, 0)
    places = {pooled_place(PLACES.shape, HOW, 6, 1, generator) for _ in range(100)}
    assert len(places) == 6
