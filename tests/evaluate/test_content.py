import pytest
import torch

from multitoon.evaluate.content import LAYER, content_distance
from multitoon.model.features import FeatureNetwork
from tests.evaluate.conftest import pictures


@pytest.fixture(scope="module")
def network() -> FeatureNetwork:
    torch.manual_seed(0)
    return FeatureNetwork([LAYER])


def test_distance(network):
    photo = pictures(2, 3, 32, 40)
    noise = pictures(2, 3, 32, 40, seed=3)
    none, little, much = (content_distance(photo + s * noise, photo, network) for s in (0, 0.05, 0.5))
    assert none.tolist() == [0, 0]
    assert (little > 0).all()
    assert (little < much).all()


def test_the_scale_of_the_weights_does_not_matter(network):
    photo, toon = pictures(1, 3, 32, 32), pictures(1, 3, 32, 32, seed=1)
    before = content_distance(toon, photo, network).item()
    network.gains = {LAYER: 7.0}
    assert content_distance(toon, photo, network).item() == pytest.approx(before, rel=1e-5)
    network.gains = {LAYER: 1.0}
