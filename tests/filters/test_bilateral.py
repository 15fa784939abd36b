import pytest
import torch

from multitoon.errors import UsageError
from multitoon.filters.bilateral import flow_bilateral

RIGHT = torch.tensor([1.0, 0.0]).view(1, 2, 1, 1)


def step(noise: float = 0.0) -> torch.Tensor:
    """Dark left, light right, (1, 3, 24, 24) in [-1, 1]."""
    x = torch.full((1, 3, 24, 24), -0.5)
    x[..., 12:] = 0.5
    return x + noise * torch.randn(x.shape, generator=torch.Generator().manual_seed(0))


def test_values() -> None:
    # One row 0, 0.1, 0 in [0, 1], flow along it, sigma 0.5 (one step), range 0.1, no pass across (one row):
    # w = math.exp(-2) * math.exp(-0.01 * 3 / (2 * 0.01)); 0.1 / (1 + 2 * w)
    x = torch.tensor([0.0, 0.1, 0.0]).view(1, 1, 1, 3).expand(1, 3, 1, 3) * 2 - 1
    out = flow_bilateral(x, RIGHT.repeat(1, 1, 1, 3), 0.5, 0.1, 0.5, 0.1, iterations=1)
    assert ((out[0, :, 0, 1] + 1) / 2).tolist() == pytest.approx([0.0943045] * 3, abs=1e-6)


def test_edges_stay_and_noise_goes() -> None:
    noisy, flow = step(0.05), torch.tensor([0.0, 1.0]).view(1, 2, 1, 1).repeat(1, 1, 24, 24)
    out = flow_bilateral(noisy, flow, 3.0, 0.2, 2.0, 0.1, iterations=4)
    for side in (slice(0, 12), slice(12, 24)):
        assert out[..., side].std() < 0.25 * noisy[..., side].std()
    assert (out[..., 12] - out[..., 11]).mean() > 0.95  # of a step of 1


def test_flat_colors_and_no_iterations_change_nothing() -> None:
    flow = RIGHT.repeat(2, 1, 9, 7)
    flat = torch.tensor([0.3, -0.7, 0.1]).view(1, 3, 1, 1).repeat(2, 1, 9, 7)
    assert torch.allclose(flow_bilateral(flat, flow), flat, atol=1e-6)
    x = torch.rand(2, 3, 9, 7)
    assert torch.equal(flow_bilateral(x, flow, iterations=0), x)


def test_errors() -> None:
    x, flow = torch.zeros(1, 3, 8, 8), torch.zeros(1, 2, 8, 8)
    with pytest.raises(UsageError, match=r"flow has shape \(1, 2, 8, 8\), must be \(1, 2, 4, 8\)"):
        flow_bilateral(x[:, :, :4], flow)
    with pytest.raises(UsageError, match=r"range_across is 0, must be above 0"):
        flow_bilateral(x, flow, range_across=0)
