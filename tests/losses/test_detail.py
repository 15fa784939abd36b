from __future__ import annotations

import pytest
import torch

from multitoon.losses.detail import detail, detail_loss, stroke_loss


def noise(seed: int) -> torch.Tensor:
    y = torch.rand(2, 1, 24, 24, generator=torch.Generator().manual_seed(seed))
    return y.expand(-1, 3, -1, -1) - 0.5


def test_detail_is_luminance_without_what_is_coarse() -> None:
    assert detail(torch.full((1, 3, 20, 20), 0.3)).abs().max() < 1e-6
    line = torch.zeros(1, 3, 33, 33)
    line[..., 16] = 1
    # Far from the ends the blurred line has 1 / sum of exp(-i^2 / 32), |i| <= 12, at its middle: 0.09998.
    assert detail(line)[0, 0, 16, 16].item() == pytest.approx(1 - 0.09998, abs=1e-4)


def test_only_the_place_counts_not_the_strength_or_the_shade() -> None:
    x = noise(0)
    assert detail_loss(x, x).item() == pytest.approx(0, abs=1e-5)
    assert detail_loss(x * 0.2 + 0.3, x).item() == pytest.approx(0, abs=1e-3)
    assert detail_loss(-x, x).item() == pytest.approx(2, abs=1e-3)
    assert detail_loss(noise(1), x).item() == pytest.approx(1, abs=0.15)


def test_an_empty_target_gives_one_and_a_finite_gradient() -> None:
    x = noise(0).requires_grad_(True)
    loss = detail_loss(x, torch.zeros_like(x))
    loss.backward()
    assert loss.item() == pytest.approx(1)
    assert x.grad.isfinite().all()


def test_a_missing_stroke_costs_more_than_one_too_many() -> None:
    paper, inked = torch.ones(1, 3, 32, 32), torch.ones(1, 3, 32, 32)
    inked[..., 16] = -1
    missing, added = stroke_loss(paper, inked), stroke_loss(inked, paper)
    assert added.item() == pytest.approx(0, abs=1e-6)  # bare paper has nothing darker than what is around
    # A line of -1 on 1 is 2 * 0.90002 darker than its blur (see above), and 2 away from paper.
    assert missing.item() == pytest.approx(2 * 0.90002 * 2 / 32, rel=1e-3)
    assert stroke_loss(inked, inked).item() == 0
