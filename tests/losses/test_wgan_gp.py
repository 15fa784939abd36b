from __future__ import annotations

import pytest
import torch

from multitoon.losses.wgan_gp import gradient_penalty, wgan_discriminator, wgan_generator


def test_the_critic_wants_a_distance_and_the_toon_a_high_score() -> None:
    real, fake = torch.tensor([3.0, 1.0]), torch.tensor([-1.0, 0.0])
    assert wgan_discriminator(real, fake).item() == pytest.approx(-0.5 - 2.0)
    assert wgan_generator(fake).item() == pytest.approx(0.5)


def test_the_penalty_of_a_linear_critic_is_that_of_its_slope() -> None:
    # D(x) = 0.5 * sum of the four pixels: the gradient is 0.5 in each, its norm sqrt(4 * 0.25) = 1.
    # Twice as steep: norm 2, penalty (2 - 1)^2 = 1.
    real, fake, share = torch.zeros(3, 1, 2, 2), torch.ones(3, 1, 2, 2), torch.full((3, 1, 1, 1), 0.25)
    for slope, expected in ((0.5, 0.0), (1.0, 1.0)):
        penalty = gradient_penalty(
            lambda x, slope=slope: slope * x.sum((1, 2, 3), keepdim=True), real, fake, share
        )
        assert penalty.item() == pytest.approx(expected, abs=1e-6)


def test_the_penalty_is_taken_between_the_two_and_reaches_the_critic() -> None:
    seen = []
    weight = torch.tensor(2.0, requires_grad=True)

    def score(x: torch.Tensor) -> torch.Tensor:
        seen.append(x.detach())
        return weight * x.square().sum((1, 2, 3), keepdim=True)

    real, fake = torch.zeros(1, 1, 1, 1), torch.ones(1, 1, 1, 1)
    penalty = gradient_penalty(score, real, fake, torch.full((1, 1, 1, 1), 0.25))
    assert seen[0].item() == pytest.approx(0.75)
    # dD/dx = 2 w x = 3: penalty 4; d/dw (2 w x - 1)^2 = 2 * 2 * 1.5 = 6
    penalty.backward()
    assert penalty.item() == pytest.approx(4.0)
    assert weight.grad.item() == pytest.approx(6.0)
