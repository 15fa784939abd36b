import pytest
import torch

from multitoon.errors import UsageError
from multitoon.filters.lic import line_integral_convolution


def test_noise_is_combed_along_the_flow() -> None:
    flow = torch.tensor([1.0, 0.0]).view(1, 2, 1, 1).repeat(1, 1, 64, 64)
    picture = line_integral_convolution(flow, seed=3)[0, 0]
    along = (picture[:, 1:] - picture[:, :-1]).abs().mean()
    across = (picture[1:] - picture[:-1]).abs().mean()
    assert along < 0.2 * across
    assert picture.mean() == pytest.approx(0.5, abs=0.03)
    assert picture.std() > 0.1


def test_same_seed_same_picture() -> None:
    flow = torch.tensor([0.6, 0.8]).view(1, 2, 1, 1).repeat(2, 1, 9, 7)
    first = line_integral_convolution(flow, seed=1)
    assert first.shape == (2, 1, 9, 7)
    assert torch.equal(first, line_integral_convolution(flow, seed=1))
    assert not torch.equal(first, line_integral_convolution(flow, seed=2))


def test_errors() -> None:
    with pytest.raises(UsageError, match=r"flow has shape \(1, 1, 4, 4\), must be \(B, 2, H, W\)"):
        line_integral_convolution(torch.zeros(1, 1, 4, 4))
    with pytest.raises(UsageError, match=r"length is 0, must be at least 1 pixel"):
        line_integral_convolution(torch.zeros(1, 2, 4, 4), length=0)
