import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from multitoon.errors import UsageError
from multitoon.filters.gradient import gaussian_blur
from multitoon.filters.smooth_edges import edge_mask, smooth_edges


def step(height: float) -> torch.Tensor:
    """Black left, `height` in [0, 1] right, (1, 3, 16, 16) in [-1, 1]."""
    x = torch.full((1, 3, 16, 16), -1.0)
    x[..., 8:] += 2 * height
    return x


def test_mask_of_a_step() -> None:
    # Sobel sees the step in columns 7 and 8; two pixels more to either side.
    expected = torch.zeros(16)
    expected[5:11] = 1
    assert torch.equal(edge_mask(step(1.0), radius=2), expected.expand(1, 1, 16, 16))
    assert edge_mask(step(0.12)).sum() > 0
    assert edge_mask(step(0.08)).sum() == 0


def test_only_edges_change() -> None:
    x = step(1.0)
    out, mask = smooth_edges(x), edge_mask(x).expand(-1, 3, -1, -1) > 0
    assert torch.equal(out[~mask], x[~mask])
    assert torch.equal(out[mask], gaussian_blur(x, 1.1)[mask])
    assert (out - x).abs().max() > 0.3


@given(height=st.integers(1, 12), width=st.integers(1, 12), seed=st.integers(0, 99))
@settings(max_examples=15, deadline=None)
def test_any_size_and_range(height: int, width: int, seed: int) -> None:
    x = torch.rand(2, 3, height, width, generator=torch.Generator().manual_seed(seed)) * 2 - 1
    out = smooth_edges(x)
    assert out.shape == x.shape
    assert out.abs().max() <= 1 + 1e-6
    assert torch.allclose(out[1:], smooth_edges(x[1:]), atol=1e-6)


def test_errors() -> None:
    with pytest.raises(UsageError, match=r"radius is -1, must be 0 pixels or more"):
        smooth_edges(torch.zeros(1, 3, 4, 4), radius=-1)
    with pytest.raises(UsageError, match=r"picture has shape \(1, 1, 4, 4\)"):
        smooth_edges(torch.zeros(1, 1, 4, 4))
