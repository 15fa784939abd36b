import pytest
import torch
from safetensors.torch import save_file

from multitoon.errors import CheckpointError
from multitoon.evaluate.mobilenet import MobileNetV2, load_mobilenet


def test_probabilities_and_names(tmp_path):
    torch.manual_seed(0)
    weights = MobileNetV2().state_dict()
    # 106 tensors, as torchvision's with each batch normalization folded into its convolution.
    assert len(weights) == 106
    assert weights["features.1.conv.0.0.weight"].shape == (32, 1, 3, 3)
    assert weights["features.1.conv.1.weight"].shape == (16, 32, 1, 1)
    assert weights["features.14.conv.1.0.weight"].shape == (576, 1, 3, 3)
    assert weights["features.17.conv.2.weight"].shape == (320, 960, 1, 1)
    assert weights["classifier.1.weight"].shape == (1000, 1280)
    save_file(weights, tmp_path / "net.safetensors")
    with torch.no_grad():
        found = load_mobilenet(tmp_path / "net.safetensors")(torch.rand(2, 3, 64, 48) * 2 - 1)
    assert found.shape == (2, 1000)
    torch.testing.assert_close(found.sum(1), torch.ones(2))


def test_stride_2_pads_below_and_to_the_right():
    first = MobileNetV2().features[0][0]
    assert first(torch.zeros(1, 3, 8, 6)).shape == (1, 32, 4, 3)
    with torch.no_grad():
        first.weight.zero_()[:, :, 0, 0] = 1
        first.bias.zero_()
    x = torch.zeros(1, 3, 4, 4)
    x[..., 0, 0] = 1
    assert first(x)[0, 0].nonzero().tolist() == [[0, 0]]  # the first tap sees the first pixel


def test_other_weights_are_refused(tmp_path):
    save_file({"features.0.0.weight": torch.zeros(1)}, tmp_path / "net.safetensors")
    with pytest.raises(CheckpointError, match="not MobileNetV2 with folded batch normalization"):
        load_mobilenet(tmp_path / "net.safetensors")
