"""Each loss against numbers worked out by hand."""

from __future__ import annotations

import pytest
import torch

from multitoon.color import yuv_to_rgb
from multitoon.losses.adversarial import feature_matching, lsgan_discriminator, lsgan_generator
from multitoon.losses.color import color_loss
from multitoon.losses.distill import HUBER_DELTA, distillation, line_distillation
from multitoon.losses.tv import total_variation


def flat(y: float, u: float, v: float, size: int = 4) -> torch.Tensor:
    return yuv_to_rgb(torch.tensor([y, u, v]).view(1, 3, 1, 1).expand(1, 3, size, size))


def test_color_loss_is_l1_on_y_and_huber_on_u_and_v() -> None:
    # |0.5 - 0.2| + 0.5 * 0.1^2 + 0.5 * 0.2^2 = 0.3 + 0.005 + 0.02
    value = color_loss(flat(0.5, 0.1, -0.1), flat(0.2, 0.0, 0.1))
    assert value.item() == pytest.approx(0.325, abs=1e-5)


def test_distillation_forgives_small_differences_of_hue() -> None:
    # Huber with delta d, over d: 0.5 e^2 / d below d, e - d / 2 above.
    small, large = 0.02, 0.3
    expected = 0.1 + 0.5 * small**2 / HUBER_DELTA + (large - HUBER_DELTA / 2)
    value = distillation(flat(0.1, small, large), flat(0.0, 0.0, 0.0))
    assert value.item() == pytest.approx(expected, abs=1e-5)


def test_line_distillation_sees_a_line_and_no_offset() -> None:
    toon, target = flat(0.3, 0, 0, 8), flat(-0.2, 0.1, 0, 8)
    assert line_distillation(toon, target).item() == pytest.approx(0, abs=1e-5)
    line = torch.zeros(1, 3, 8, 8)
    line[..., 3] = 1
    # Full size: 2 of 7 columns of differences are 1; half size: 2 of 3 are 1/2.
    assert line_distillation(line, torch.zeros(1, 3, 8, 8)).item() == pytest.approx(2 / 7 + 1 / 3, abs=1e-5)


def test_total_variation_counts_both_directions() -> None:
    x = torch.tensor([[0.0, 1.0], [0.0, 3.0]]).view(1, 1, 2, 2)
    # along H: (0 + 2) / 2; along W: (1 + 3) / 2
    assert total_variation(x).item() == pytest.approx(3.0)


def test_least_squares_objective() -> None:
    real, fake = torch.tensor([1.0, 0.5]), torch.tensor([0.0, 0.5])
    assert lsgan_discriminator(real, fake).item() == pytest.approx(0.125 + 0.125)
    assert lsgan_generator(fake).item() == pytest.approx((1 + 0.25) / 2)


def test_feature_matching_is_a_mean_over_layers_and_leaves_the_real_side_alone() -> None:
    real = [torch.ones(2, 2, requires_grad=True), torch.zeros(3, requires_grad=True)]
    fake = [torch.zeros(2, 2, requires_grad=True), torch.full((3,), 0.5, requires_grad=True)]
    loss = feature_matching(real, fake)
    assert loss.item() == pytest.approx((1 + 0.5) / 2)
    loss.backward()
    assert real[0].grad is None
    assert fake[0].grad is not None
