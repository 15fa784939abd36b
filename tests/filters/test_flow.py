import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from multitoon.errors import UsageError
from multitoon.filters.flow import edge_tangent_flow, edge_tangent_flow_reference
from multitoon.filters.gradient import gaussian_blur, sobel
from tests.filters.scenes import angle, disc, grating, ramp

BORDER = 6  # pixels: the radius of the box and one more


def strong(gray: torch.Tensor) -> torch.Tensor:
    """Where the gradient is above half of its maximum, (B, H, W)."""
    magnitude = torch.hypot(*sobel(gray).unbind(1))
    return magnitude > magnitude.amax() / 2


def inside(mask: torch.Tensor) -> torch.Tensor:
    kept = torch.zeros_like(mask)
    kept[:, BORDER:-BORDER, BORDER:-BORDER] = mask[:, BORDER:-BORDER, BORDER:-BORDER]
    return kept


@pytest.mark.parametrize("flow", [edge_tangent_flow, edge_tangent_flow_reference])
def test_tangents_of_a_disc(flow) -> None:
    gray, tangent = disc()
    error = angle(flow(gaussian_blur(gray, 1.0), 5, 3), tangent)[strong(gray)]
    assert error.max() < 3  # degrees; measured: 2.1 and 1.9


@pytest.mark.parametrize("flow", [edge_tangent_flow, edge_tangent_flow_reference])
def test_tangents_of_a_ramp_are_exact(flow) -> None:
    gray, tangent = ramp()
    assert angle(flow(gray, 5, 3), tangent).max() < 0.05  # degrees, the border too


@pytest.mark.parametrize("flow", [edge_tangent_flow, edge_tangent_flow_reference])
def test_tangents_of_a_noisy_grating(flow) -> None:
    gray, tangent = grating(noise=0.05)
    mask = inside(strong(grating(noise=0.0)[0]))
    before = angle(flow(gaussian_blur(gray, 1.0), 5, 0), tangent)[mask]
    after = angle(flow(gaussian_blur(gray, 1.0), 5, 3), tangent)[mask]
    assert before.max() > 20  # degrees: what the noise does to Sobel's tangents
    assert after.max() < 3  # measured: 1.8 and 1.6
    assert after.mean() < 0.5


def test_separable_passes_are_close_to_the_reference() -> None:
    for gray in (disc()[0], ramp()[0], grating()[0]):
        gray = gaussian_blur(gray, 1.0)
        error = angle(edge_tangent_flow(gray, 5, 3), edge_tangent_flow_reference(gray, 5, 3))[strong(gray)]
        assert error.mean() < 1  # degrees; measured: 0.56, 0.00, 0.06
        assert error.max() < 3  # measured: 1.9, 0.0, 0.5


def test_one_dimension_is_the_reference_exactly() -> None:
    # In a picture of one row, the box and the pass along x are the same sum, the pass along y none.
    gray = torch.rand(1, 1, 1, 40, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    fast, plain = edge_tangent_flow(gray, 3, 2), edge_tangent_flow_reference(gray, 3, 2)
    assert (fast - plain).abs().max() < 1e-12


def test_reference_is_the_sum_of_the_paper() -> None:
    # The sum over the box around (1, 1), written out as the paper has it.
    gray = torch.tensor([[0, 0, 1, 1], [0, 0, 1, 1], [0, 1, 1, 1.0]], dtype=torch.float64)[None, None]
    dx, dy = sobel(gray)[0]
    magnitude = torch.hypot(dx, dy) / torch.hypot(dx, dy).max()
    total = torch.zeros(2, dtype=torch.float64)
    t_x = torch.stack([-dy[1, 1], dx[1, 1]]) / torch.hypot(dx[1, 1], dy[1, 1])
    for y in range(3):
        for x in range(3):
            length = torch.hypot(dx[y, x], dy[y, x])
            if length > 1e-4:
                t_y = torch.stack([-dy[y, x], dx[y, x]]) / length
                weight = (1 + torch.tanh(magnitude[y, x] - magnitude[1, 1])) / 2
                total += weight * (t_x @ t_y).sign() * (t_x @ t_y).abs() * t_y
    expected = total / total.norm()
    assert torch.allclose(edge_tangent_flow_reference(gray, 1, 1)[0, :, 1, 1], expected, atol=1e-12)


@given(height=st.integers(1, 12), width=st.integers(1, 12), seed=st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_tangents_are_unit_or_zero_at_any_size(height: int, width: int, seed: int) -> None:
    gray = torch.rand(2, 1, height, width, generator=torch.Generator().manual_seed(seed))
    length = edge_tangent_flow(gray, 5, 2).norm(dim=1)
    assert torch.all((length < 1e-6) | ((length - 1).abs() < 1e-5))


def test_flat_areas_have_no_direction() -> None:
    assert edge_tangent_flow(torch.full((1, 1, 16, 16), 0.8)).abs().max() == 0


def test_a_batch_is_its_pictures_one_by_one() -> None:
    pictures = torch.cat([grating(64)[0], disc(64, 20.0)[0] * 0.3])
    both = edge_tangent_flow(pictures)
    assert torch.equal(both, torch.cat([edge_tangent_flow(p[None]) for p in pictures]))


def test_turning_the_picture_turns_the_flow() -> None:
    gray = gaussian_blur(grating(48)[0], 1.0)
    flow = edge_tangent_flow_reference(gray, 3, 2)
    turned = edge_tangent_flow_reference(gray.transpose(2, 3), 3, 2)
    assert angle(flow, turned.transpose(2, 3).flip(1)).max() < 0.1


def test_errors() -> None:
    gray = torch.zeros(1, 1, 8, 8)
    with pytest.raises(UsageError, match=r"radius is 0, must be at least 1 pixel"):
        edge_tangent_flow(gray, radius=0)
    with pytest.raises(UsageError, match=r"iterations is -1, must be 0 or more"):
        edge_tangent_flow(gray, iterations=-1)
    with pytest.raises(UsageError, match=r"gray picture has shape \(1, 3, 8, 8\)"):
        edge_tangent_flow(torch.zeros(1, 3, 8, 8))
