"""Muon beside Adam."""

from __future__ import annotations

import torch
from torch import nn

from multitoon.train.muon import MuonWithAdam, orthogonalized


def test_singular_values_are_evened_out() -> None:
    generator = torch.Generator().manual_seed(0)
    matrix = torch.randn(24, 60, generator=generator) * torch.logspace(0, -1, 24)[:, None]
    before, after = torch.linalg.svdvals(matrix), torch.linalg.svdvals(orthogonalized(matrix))
    assert before.max() / before.min() > 10
    assert after.min() > 0.5
    assert after.max() < 1.3


def test_a_tall_matrix_is_the_transposed_wide_one() -> None:
    matrix = torch.randn(30, 8, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(orthogonalized(matrix), orthogonalized(matrix.T).T)


def test_vectors_move_as_adam_moves_them() -> None:
    target = torch.linspace(-1, 1, 7)
    ours, theirs = (nn.Parameter(torch.zeros(7)) for _ in range(2))
    optimizers = MuonWithAdam([ours], lr=1e-2), torch.optim.Adam([theirs], lr=1e-2, betas=(0.9, 0.99))
    for _ in range(20):
        for parameter, optimizer in zip((ours, theirs), optimizers, strict=True):
            optimizer.zero_grad()
            (parameter - target).square().sum().backward()
            optimizer.step()
    torch.testing.assert_close(ours, theirs)


def test_its_state_goes_through_a_checkpoint() -> None:
    def run(steps: int, net: nn.Module, optimizer: MuonWithAdam, start: int = 0) -> None:
        for step in range(start, start + steps):
            x = torch.randn(4, 3, 8, 8, generator=torch.Generator().manual_seed(step))
            optimizer.zero_grad()
            net(x).square().mean().backward()
            optimizer.step()

    def fresh() -> tuple[nn.Module, MuonWithAdam]:
        torch.manual_seed(0)
        net = nn.Conv2d(3, 8, 3)
        return net, MuonWithAdam(net.parameters())

    whole, halves = fresh(), fresh()
    run(6, *whole)
    run(3, *halves)
    resumed = fresh()
    resumed[0].load_state_dict(halves[0].state_dict())
    resumed[1].load_state_dict(halves[1].state_dict())
    run(3, *resumed, start=3)
    assert torch.equal(resumed[0].weight, whole[0].weight)
    assert torch.equal(resumed[0].bias, whole[0].bias)
