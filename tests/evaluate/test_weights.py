from urllib.error import URLError

import pytest
import torch
from safetensors.torch import save_file

from multitoon.errors import CheckpointError
from multitoon.evaluate.inception import load_inception
from multitoon.evaluate.weights import folded, read_weights


def test_int8_is_expanded(tmp_path):
    weight = torch.tensor([[2], [-4]], dtype=torch.int8)
    scale = torch.tensor([[0.5], [0.25]])
    save_file(
        {"a.weight": weight, "a.weight.scale": scale, "in.scale": scale.clone()}, tmp_path / "w.safetensors"
    )
    found = read_weights(tmp_path / "w.safetensors")
    assert found["a.weight"].tolist() == [[1.0], [-1.0]]
    assert set(found) == {"a.weight", "in.scale"}


def test_batch_normalization_folds():
    torch.manual_seed(0)
    conv, norm = torch.nn.Conv2d(3, 4, 3, bias=False), torch.nn.BatchNorm2d(4, eps=1e-3).eval()
    norm.running_mean.normal_()
    norm.running_var.uniform_(0.5, 2)
    tensors = {f"x.conv.{k}": v for k, v in conv.state_dict().items()}
    tensors |= {f"x.bn.{k}": v for k, v in norm.state_dict().items()}
    found = folded(tensors)
    x = torch.randn(1, 3, 6, 6)
    expected = norm(conv(x))
    torch.testing.assert_close(torch.conv2d(x, found["x.weight"], found["x.bias"]), expected)


@pytest.mark.parametrize(
    ("name", "kind"), [("w.safetensors", "safetensors file"), ("w.pth", "checkpoint of")]
)
def test_damaged_files(tmp_path, name, kind):
    with pytest.raises(CheckpointError, match=f"not a readable {kind}"):
        read_weights(tmp_path / name)
    (tmp_path / name).write_bytes(b"no")
    with pytest.raises(CheckpointError, match=f"not a readable {kind}"):
        read_weights(tmp_path / name)


def test_a_pickle_of_anything_else_is_refused(tmp_path):
    torch.save({"x": print}, tmp_path / "w.pth")
    with pytest.raises(CheckpointError, match="not a readable checkpoint of tensors"):
        read_weights(tmp_path / "w.pth")


def test_no_network(monkeypatch):
    def fail(*_, **__):
        raise URLError("no route")

    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", fail)
    with pytest.raises(CheckpointError, match=r"could not be had.*no route") as caught:
        load_inception("download")
    assert "--inception-weights FILE" in caught.value.hint
