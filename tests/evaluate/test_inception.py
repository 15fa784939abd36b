import pytest
import torch
from safetensors.torch import save_file

from multitoon.errors import CheckpointError
from multitoon.evaluate.inception import FEATURES, Inception768, load_inception


@pytest.fixture(scope="module")
def network() -> Inception768:
    torch.manual_seed(0)
    return Inception768().eval()


def test_features(network, tmp_path):
    beyond = {"Mixed_7a.branch3x3_1.weight": torch.zeros(1)}
    save_file(network.state_dict() | beyond, tmp_path / "inception.safetensors")
    x = torch.rand(2, 3, 50, 70) * 2 - 1
    with torch.no_grad():
        features = load_inception(tmp_path / "inception.safetensors")(x)
        assert features.shape == (2, FEATURES)
        torch.testing.assert_close(features, network(x))


def test_other_weights_are_refused(network, tmp_path):
    path = tmp_path / "other.safetensors"
    tensors = network.state_dict()
    save_file({key: value for key, value in tensors.items() if "5b" not in key}, path)
    with pytest.raises(CheckpointError, match=r"keys that do not match: Mixed_5b\.branch1x1\.bias"):
        load_inception(path)
    save_file(tensors | {"Conv2d_1a_3x3.bias": torch.zeros(3)}, path)
    with pytest.raises(CheckpointError, match="tensors of other shapes"):
        load_inception(path)
    path.write_bytes(b"no")
    with pytest.raises(CheckpointError, match="not a readable safetensors file"):
        load_inception(path)
