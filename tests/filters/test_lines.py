import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from multitoon.errors import UsageError
from multitoon.filters.flow import edge_tangent_flow
from multitoon.filters.gradient import gaussian_blur, sobel
from multitoon.filters.lines import dog_lines, drop_short, line_response, steepness, threshold
from tests.filters.scenes import coordinates, disc, grating


def flow_of(gray: torch.Tensor) -> torch.Tensor:
    return edge_tangent_flow(gaussian_blur(gray, 1.0))


def flow_lines(gray: torch.Tensor, flow: torch.Tensor, tau: float = 0.5, **options: float) -> torch.Tensor:
    response = line_response(gray, flow, tau=tau, **options)
    return threshold(response, steepness(response), tau)


def coherence(lines: torch.Tensor) -> float:
    """λ1 / λ2 of the structure tensor (σ 2 pixels), summed over the picture: 1 for dots, large for lines."""
    dx, dy = sobel(lines).split(1, dim=1)
    xx, yy, xy = (gaussian_blur(v, 2.0) for v in (dx * dx, dy * dy, dx * dy))
    spread = ((xx - yy) ** 2 + 4 * xy**2).sqrt()
    return float((xx + yy + spread).sum() / (xx + yy - spread).sum())


def noisy(gray: torch.Tensor, sigma: float) -> torch.Tensor:
    return (gray + sigma * torch.randn(gray.shape, generator=torch.Generator().manual_seed(1))).clamp(0, 1)


@pytest.mark.parametrize("iterations", [1, 2, 3])
def test_the_line_of_a_disc_begins_at_its_edge(iterations: int) -> None:
    gray, _ = disc(128, 40.0)
    lines = flow_lines(gray, flow_of(gray), iterations=iterations)[0, 0]
    x, y = coordinates(128)
    distance, sector = torch.hypot(x, y), ((torch.rad2deg(torch.atan2(y, x)) + 180) // 10).long()
    drawn = lines < 0.5
    for number in range(36):  # all around: no gap, and the border of the line within a pixel of the edge
        assert abs(distance[drawn & (sector == number)].max() - 40) < 1
    assert distance[drawn].min() > 35.5  # the line lies on the dark side, four pixels wide at full contrast


@pytest.mark.parametrize("sigma", [0.03, 0.06, 0.1])
def test_lines_are_more_coherent_than_isotropic_ones(sigma: float) -> None:
    gray = noisy(disc()[0], sigma)
    assert coherence(flow_lines(gray, flow_of(gray))) > 3 * coherence(dog_lines(gray))
    gray, _ = grating(noise=sigma)
    assert coherence(flow_lines(gray, flow_of(gray))) > 3 * coherence(dog_lines(gray))


def test_flat_paper_stays_white() -> None:
    gray = torch.full((1, 1, 24, 24), 0.5)
    assert flow_lines(gray, flow_of(gray)).min() == 1
    assert dog_lines(gray).min() == 1


def test_response_across_a_step() -> None:
    # The last dark pixel before a step from 0 to 1:
    # taps = lambda sigma: [math.exp(-t * t / (2 * sigma**2)) for t in range(-4, 5)]
    # light = lambda w: sum(w[5:]) / sum(w)
    # light(taps(1.0)) - 0.99 * light(taps(1.6))
    gray = torch.zeros(1, 1, 32, 32)
    gray[..., 16:] = 1
    response = line_response(gray, flow_of(gray), sigma_c=1.0, iterations=1)
    assert response[0, 0, 16, 15].item() == pytest.approx(-0.0705215, abs=1e-5)


def test_short_strokes_go_and_long_ones_stay() -> None:
    response = torch.zeros(1, 1, 40, 80)
    response[..., 10:12, :] = -0.1  # a line through the picture
    response[..., 25:27, 38:42] = -0.1  # a speck of four pixels
    flow = torch.tensor([1.0, 0.0]).view(1, 2, 1, 1).repeat(1, 1, 40, 80)
    kept = drop_short(response, flow, tau=0.5, length=10)
    assert kept[..., 10:12, :].max() < -0.09
    assert kept[..., 20:, :].abs().max() == 0


def test_threshold_puts_a_border_within_a_pixel_by_its_share() -> None:
    # H falls by 0.01 per pixel and crosses artanh(-0.5) / 255 a quarter of a pixel right of pixel 0's center.
    h = torch.tensor([0.02, 0.01, 0.0, -0.01, -0.02]) + 0.0025 + math.atanh(-0.5) / 255
    shares = threshold(h.view(1, 1, 1, 5), torch.full((1, 1, 1, 5), 0.01), tau=0.5)
    assert shares.flatten().tolist() == pytest.approx([1, 1, 0.75, 0, 0])


def test_steepness_of_a_ramp() -> None:
    ramp = 0.03 * torch.arange(8.0).expand(1, 1, 8, 8) + 0.04 * torch.arange(8.0).view(8, 1)
    assert torch.allclose(steepness(ramp), torch.tensor(0.05))


@given(
    height=st.integers(1, 14),
    width=st.integers(1, 14),
    seed=st.integers(0, 99),
    tau=st.floats(0.05, 0.95),
    rho=st.floats(0, 1),
)
@settings(max_examples=25, deadline=None)
def test_lines_are_between_ink_and_paper(height: int, width: int, seed: int, tau: float, rho: float) -> None:
    gray = torch.rand(1, 1, height, width, generator=torch.Generator().manual_seed(seed))
    for lines in (flow_lines(gray, flow_of(gray), tau=tau, rho=rho), dog_lines(gray, tau=tau, rho=rho)):
        assert lines.shape == gray.shape
        assert 0 <= lines.min() <= lines.max() <= 1


def test_lower_tau_draws_less() -> None:
    gray = noisy(disc(64, 20.0)[0], 0.05)
    flow = flow_of(gray)
    amounts = [(1 - flow_lines(gray, flow, tau=tau, iterations=1)).sum().item() for tau in (0.2, 0.5, 0.8)]
    assert amounts == sorted(amounts)


def test_errors() -> None:
    gray, flow = torch.zeros(1, 1, 8, 8), torch.zeros(1, 2, 8, 8)
    with pytest.raises(UsageError, match=r"flow has shape \(1, 2, 8, 8\), must be \(1, 2, 8, 9\)"):
        flow_lines(torch.zeros(1, 1, 8, 9), flow)
    with pytest.raises(UsageError, match=r"tau is 1\.0, must be between 0 and 1"):
        flow_lines(gray, flow, tau=1.0)
    with pytest.raises(UsageError, match=r"rho is 1\.1, must be in \[0, 1\]"):
        dog_lines(gray, rho=1.1)
    with pytest.raises(UsageError, match=r"sigma_m is 0\.0, must be above 0"):
        flow_lines(gray, flow, sigma_m=0.0)
    with pytest.raises(UsageError, match=r"iterations is 0, must be at least 1"):
        flow_lines(gray, flow, iterations=0)
