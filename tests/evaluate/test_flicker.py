import pytest
import torch

from multitoon.evaluate.flicker import flicker_sums
from tests.evaluate.conftest import pictures


@pytest.fixture
def scene() -> torch.Tensor:
    """Wider than a frame: (1, 3, 96, 128)."""
    return pictures(1, 3, 96, 128)


def figures(before, after) -> tuple[float, float, float]:
    """Share of blocks followed, flicker of the photos and of the toons."""
    blocks, followed, photo, toon = flicker_sums(before, after).tolist()
    return followed / blocks, photo / max(followed, 1), toon / max(followed, 1)


def test_what_only_moves_does_not_flicker(scene):
    first, second = scene[..., :96], scene[..., 5:101]  # the camera pans by 5 pixels
    followed, photo, toon = figures((first, first * 0.5), (second, second * 0.5))
    assert followed == pytest.approx(30 / 36)  # the column that came into view can't be followed
    assert photo == pytest.approx(0, abs=1e-9)
    assert toon == pytest.approx(0, abs=1e-9)


def test_toons_that_change_by_themselves_flicker(scene):
    frame = scene[..., :96]
    followed, photo, toon = figures((frame, frame * 0), (frame, frame * 0 + 0.1))
    assert (followed, photo) == (1, 0)
    assert toon == pytest.approx(0.1 / 2 * 255)


def test_a_cut_is_not_followed(scene):
    other = pictures(1, 3, 96, 96, seed=7)
    followed, _, toon = figures((scene[..., :96], scene[..., :96]), (other, other))
    assert followed == 0
    assert toon == 0
