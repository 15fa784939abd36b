import pytest
import torch

from multitoon.errors import UsageError
from multitoon.evaluate.holes import VGG_LAYERS, feature_distance, hole_figures
from multitoon.image import to_tensor
from multitoon.model.features import FeatureNetwork
from tests.conftest import gradient


def case() -> tuple[torch.Tensor, torch.Tensor]:
    hole = torch.zeros(1, 1, 32, 40)
    hole[..., 10:20, 12:30] = 1
    return to_tensor(gradient(40, 32)), hole


def test_the_truth_itself_is_perfect():
    truth, hole = case()
    figures = hole_figures(truth, truth, hole)
    assert figures["psnr"] == pytest.approx(100)
    assert figures["ssim"] == pytest.approx(1, abs=1e-4)
    assert figures["gms"] == pytest.approx(1, abs=1e-5)


def test_psnr_counts_the_hole_alone():
    truth, hole = case()
    off = truth + 0.2 * hole + 1.0 * (1 - hole)
    # An error of 0.2 of a range of 2 is 20 dB.
    assert hole_figures(off, truth, hole)["psnr"] == pytest.approx(20, abs=1e-3)


def test_a_flat_fill_is_worse_in_every_figure():
    truth, hole = case()
    flat = torch.where(hole > 0, 0.0, truth)
    torch.manual_seed(0)
    features = FeatureNetwork(VGG_LAYERS)
    figures = hole_figures(flat, truth, hole, features)
    assert figures["psnr"] < 30
    assert figures["ssim"] < 0.6
    assert figures["gms"] < 0.9
    assert figures["vgg"] == pytest.approx(feature_distance(flat, truth, hole, features))
    assert figures["vgg"] > 0


def test_an_empty_hole_is_an_error():
    truth, hole = case()
    with pytest.raises(UsageError, match="hole is empty"):
        hole_figures(truth, truth, torch.zeros_like(hole))
