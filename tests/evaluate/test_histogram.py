import pytest
import torch

from multitoon.errors import UsageError
from multitoon.evaluate.histogram import (
    BINS,
    color_projections,
    colors,
    gradient_projections,
    gradients,
)
from tests.evaluate.conftest import pictures


@pytest.mark.parametrize(
    ("projections", "points"), [(color_projections, colors), (gradient_projections, gradients)]
)
def test_agrees_with_scipy(projections, points):
    stats = pytest.importorskip("scipy.stats")
    a, b = points(pictures(1, 3, 20, 24, seed=1)), points(pictures(2, 3, 18, 16, seed=2).mul(0.5))
    sides = projections(), projections()
    for side, cloud in zip(sides, (a, b), strict=True):
        side.add(cloud)
    expected = [stats.wasserstein_distance((a @ d).numpy(), (b @ d).numpy()) for d in sides[0].directions]
    width = 2 * sides[0].reach / BINS
    assert sides[0].distance(sides[1]) == pytest.approx(sum(expected) / len(expected), abs=width)


def test_order_and_portions_do_not_matter():
    x, other = colors(pictures(2, 3, 16, 16)), color_projections()
    other.add(colors(pictures(1, 3, 16, 16, seed=5)))
    whole, parts = color_projections(), color_projections()
    whole.add(x)
    for part in reversed(x.split(100)):
        parts.add(part)
    assert whole.distance(other) == parts.distance(other) > 0
    assert whole.distance(parts) == 0


def test_directions_are_of_length_1():
    for projections in (color_projections(), gradient_projections()):
        lengths = projections.directions.norm(dim=1)
        torch.testing.assert_close(lengths, torch.ones_like(lengths))


def test_no_points():
    side = color_projections()
    side.add(colors(pictures(1, 3, 8, 8)))
    with pytest.raises(UsageError, match="A distance from no points"):
        side.distance(color_projections())
