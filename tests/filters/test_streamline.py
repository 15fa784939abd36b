import pytest
import torch

from multitoon.filters.flow import edge_tangent_flow
from multitoon.filters.gradient import gaussian_blur
from multitoon.filters.streamline import across, sample, walk
from tests.filters.scenes import disc


def pixels(points: torch.Tensor) -> torch.Tensor:
    """Points in pixels: 0 is the first pixel's center."""
    size = torch.tensor([points.shape[-1], points.shape[-2]]).view(1, 2, 1, 1)
    return ((points + 1) * size - 1) / 2


def test_a_constant_flow_is_walked_straight() -> None:
    flow = torch.tensor([0.6, 0.8]).view(1, 2, 1, 1).repeat(1, 1, 20, 30)
    found = [(s, pixels(points)[0, :, 10, 10].tolist()) for s, points in walk(flow, 2)]
    steps, places = zip(*found, strict=True)
    assert steps == (1, 2, 1, 2)
    expected = torch.tensor([[10.6, 10.8], [11.2, 11.6], [9.4, 9.2], [8.8, 8.4]])
    assert torch.allclose(torch.tensor(places), expected, atol=1e-4)


def test_a_flow_that_changes_sign_is_the_same_flow() -> None:
    flow = torch.tensor([1.0, 0.0]).view(1, 2, 1, 1).repeat(1, 1, 8, 40)
    flipped = flow.clone()
    flipped[..., ::3] *= -1
    there = {round(pixels(p)[0, 0, 4, 20].item(), 3) for _, p in walk(flow, 5)}
    assert there == {round(pixels(p)[0, 0, 4, 20].item(), 3) for _, p in walk(flipped, 5)}


def test_a_streamline_stays_on_its_circle() -> None:
    gray, _ = disc(128, 40.0)
    flow = edge_tangent_flow(gaussian_blur(gray, 1.0))
    for _, points in walk(flow, 15):
        x, y = pixels(points)[0, :, 63, 103]  # a pixel on the border of the disc
        assert abs(torch.hypot(x - 63.5, y - 63.5) - 39.5) < 0.5


def test_no_direction_no_walk() -> None:
    flow = torch.zeros(1, 2, 5, 7)
    x = torch.rand(1, 1, 5, 7)
    for _, points in [*walk(flow, 3), *across(flow, 3)]:
        assert torch.allclose(sample(x, points), x, atol=1e-5)


@pytest.mark.parametrize("mode", ["bilinear", "nearest"])
def test_bands_for_many_threads_give_the_same(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(1, 3, 12, 7, generator=generator)
    points = torch.rand(1, 2, 12, 7, generator=generator) * 2.4 - 1.2
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)
    whole = sample(x, points, mode)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 5)  # four bands of three rows
    assert torch.equal(sample(x, points, mode), whole)


def test_across_is_perpendicular() -> None:
    flow = torch.tensor([0.6, 0.8]).view(1, 2, 1, 1).repeat(1, 1, 20, 30)
    places = [pixels(points)[0, :, 10, 10] - 10 for _, points in across(flow, 2)]
    expected = torch.tensor([[-0.8, 0.6], [-1.6, 1.2], [0.8, -0.6], [1.6, -1.2]])
    assert torch.allclose(torch.stack(places), expected, atol=1e-4)
