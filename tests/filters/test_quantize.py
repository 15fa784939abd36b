import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from multitoon.errors import UsageError
from multitoon.filters.gradient import luminance
from multitoon.filters.quantize import quantize_luminance


def gray(values: torch.Tensor) -> torch.Tensor:
    return (values * 2 - 1).view(1, 1, 1, -1).expand(1, 3, 1, -1)


def test_values() -> None:
    # levels 3 (0, 0.5, 1), s = 4: b = 0.25; b + 0.25 * math.tanh(4 * (0.2 - b) / 0.5) / math.tanh(2)
    out = luminance(quantize_luminance(gray(torch.tensor([0.0, 0.2, 0.25, 0.5, 1.0])), 3, 4.0))
    assert out.flatten().tolist() == pytest.approx([0, 0.1514683, 0.25, 0.5, 1], abs=1e-6)


@given(levels=st.integers(2, 16), sharpness=st.floats(0.5, 20))
@settings(max_examples=25, deadline=None)
def test_shades_are_fixed_and_the_curve_is_monotonic(levels: int, sharpness: float) -> None:
    shades = torch.linspace(0, 1, levels)
    out = luminance(quantize_luminance(gray(shades), levels, sharpness)).flatten()
    assert torch.allclose(out, shades, atol=1e-5)
    curve = luminance(quantize_luminance(gray(torch.linspace(0, 1, 500)), levels, sharpness)).flatten()
    assert (curve[1:] - curve[:-1]).min() > -1e-5


def test_a_hard_step_leaves_few_shades() -> None:
    out = luminance(quantize_luminance(gray(torch.linspace(0, 1, 1000)), 5, 200.0)).flatten()
    near = (out[:, None] - torch.linspace(0, 1, 5)).abs().amin(1) < 0.01
    assert near.float().mean() > 0.95


@given(seed=st.integers(0, 99))
@settings(max_examples=10, deadline=None)
def test_colors_keep_luminance_and_range(seed: int) -> None:
    x = torch.rand(1, 3, 9, 9, generator=torch.Generator().manual_seed(seed)) * 2 - 1
    out, plain = quantize_luminance(x, 6), quantize_luminance(gray(luminance(x)), 6)
    assert out.abs().max() <= 1 + 1e-5
    assert torch.allclose(luminance(out).flatten(), luminance(plain).flatten(), atol=1e-5)


def test_errors() -> None:
    with pytest.raises(UsageError, match=r"levels is 1, must be at least 2"):
        quantize_luminance(torch.zeros(1, 3, 2, 2), levels=1)
    with pytest.raises(UsageError, match=r"sharpness is -1, must be above 0"):
        quantize_luminance(torch.zeros(1, 3, 2, 2), sharpness=-1)
