"""The generalized Kuwahara filter."""

from __future__ import annotations

import pytest
import torch

from multitoon.errors import UsageError
from multitoon.filters.kuwahara import kuwahara


def noise(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


def test_a_constant_stays_up_to_its_border() -> None:
    flat = torch.tensor([0.3, -0.8, 1.0]).view(1, 3, 1, 1).expand(1, 3, 9, 12)
    torch.testing.assert_close(kuwahara(flat, 4), flat, atol=1e-5, rtol=0)


def test_texture_goes_and_the_edge_beside_it_stays() -> None:
    step = torch.full((1, 3, 48, 48), -0.5)
    step[..., 24:] = 0.5
    painted = kuwahara(step + 0.05 * noise(*step.shape), 3)
    assert (painted - step)[..., 4:-4].std() < 0.02
    jump = painted[..., 24] - painted[..., 23]
    assert jump.min() > 0.85  # a blur of that radius would leave a third


def test_a_blurred_edge_becomes_crisp() -> None:
    ramp = torch.linspace(-3, 3, 49).tanh().expand(1, 1, 49, 49)
    painted = kuwahara(ramp, 7)
    steepest = (painted[..., 1:] - painted[..., :-1]).max()
    assert steepest > 2 * (ramp[..., 1:] - ramp[..., :-1]).max()


def test_sharpness_zero_is_a_blur() -> None:
    x = noise(1, 1, 16, 16)
    mean_of_all = kuwahara(x, 2, sharpness=0.0)
    assert mean_of_all.std() < 0.6 * x.std()
    torch.testing.assert_close(kuwahara(2 * x, 2, sharpness=0.0), 2 * mean_of_all)


def test_channels_are_painted_with_one_brush() -> None:
    x = torch.zeros(1, 2, 24, 24)
    x[:, 0, :, 12:] = 1.0
    x[:, 1] = 0.3 * noise(24, 24)
    together, alone = kuwahara(x, 3)[:, 1], kuwahara(x[:, 1:], 3)[:, 0]
    assert (together - alone).abs()[..., 10:14].max() > 0.02


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (2, 30)])
def test_any_size(size: tuple[int, int]) -> None:
    x = noise(2, 3, *size)
    assert kuwahara(x, 5).shape == x.shape
    assert kuwahara(x, 5).isfinite().all()


def test_a_brush_without_width() -> None:
    with pytest.raises(UsageError, match="radius is 0, must be at least 1 pixel"):
        kuwahara(torch.zeros(1, 3, 8, 8), 0)
