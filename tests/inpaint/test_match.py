import torch

from multitoon.checkpoint import load_backbone
from multitoon.image import to_tensor
from multitoon.inpaint.match import (
    around,
    cells_of,
    depth,
    describe,
    nearest,
    nearest_of,
    patches,
    spread,
    vote,
)
from tests.conftest import gradient


def cells(tiny_home, width=40, height=32):
    x = to_tensor(gradient(width, height))
    with torch.no_grad():
        return x, cells_of(load_backbone(), x, torch.ones(1, 1, height, width))


def test_describes_all_cells_with_the_scale_of_their_picture(tiny_home):
    x, found = cells(tiny_home, 30, 22)  # no multiple of the network's
    assert found.size == (11, 15)
    rows = describe(found, torch.arange(11 * 15))
    assert rows.shape == (165, 9 * len(found.near) + len(found.far))
    again = cells_of(load_backbone(), x, torch.ones(1), found.scale)
    assert torch.equal(again.near, found.near)


def test_nearest_is_the_closest_of_all_compared_one_by_one(tiny_home):
    _, found = cells(tiny_home)
    generator = torch.Generator().manual_seed(0)
    weights = torch.rand(7, 10, generator=generator)
    queries = describe(found, torch.arange(40, 47)) + 0.1 * torch.randn(7, 1, generator=generator)
    candidates = describe(found, torch.arange(100, 300))
    row, distance = nearest(queries, weights, candidates, len(found.near))
    full = spread(weights, queries.shape[1], len(found.near))
    plain = (((queries[:, None] - candidates) ** 2) * full[:, None]).sum(-1)
    assert torch.equal(row, plain.argmin(1))
    assert torch.allclose(distance, plain.amin(1), atol=1e-4)


def test_nearest_of_agrees_with_nearest_where_all_may_be_chosen(tiny_home):
    _, found = cells(tiny_home)
    queries, weights = describe(found, torch.arange(5)), torch.full((5, 10), 0.1)
    choices = torch.arange(60, 90).expand(5, -1)
    usable = torch.ones(16 * 20, dtype=torch.bool)
    row, distance = nearest(queries, weights, describe(found, torch.arange(60, 90)), len(found.near))
    index, local = nearest_of(queries, weights, found, choices, usable)
    assert torch.equal(index, row + 60)
    assert torch.allclose(local, distance, atol=1e-4)
    usable[index[0]] = False
    assert nearest_of(queries, weights, found, choices, usable)[0][0] != index[0]


def test_weights_of_parts_sum_to_one():
    weights = around(torch.rand(1, 1, 6, 5), torch.tensor([0, 13, 29]))
    assert weights.shape == (3, 10)
    assert torch.allclose(weights[:, :9].sum(1), torch.ones(3))


def test_a_pictures_own_patches_vote_for_it():
    x = to_tensor(gradient(24, 16))
    index = torch.arange(12 * 8)
    drawn, weight = vote(patches(x, index), index, torch.ones(96), (16, 24))
    # Away from the border: there, patches repeat the last pixel.
    assert (drawn - x)[..., 3:-3, 3:-3].abs().max() < 1e-5
    assert weight.min() > 0


def test_depth_counts_pixels_from_the_border_of_the_hole():
    hole = torch.zeros(1, 1, 7, 9)
    hole[..., 1:6, 2:7] = 1
    assert depth(hole)[0, 0, 3].tolist() == [0, 0, 1, 2, 3, 2, 1, 0, 0]
    assert depth(torch.ones(1, 1, 4, 4)).max() == 1


def test_differences_of_a_pictures_own_patches_vote_for_its_differences():
    x = to_tensor(gradient(24, 16))
    index = torch.arange(12 * 8)
    across, _ = vote(patches(x, index).diff(dim=-1), index, torch.ones(96), (16, 24))
    assert (across[..., :-1] - x.diff(dim=-1))[..., 3:-3, 3:-3].abs().max() < 1e-5
