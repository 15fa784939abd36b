"""Feature networks: torchvision's keys and shapes, the layers asked for and no more, and their weights."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from multitoon.errors import CheckpointError, UnknownNameError
from multitoon.feature_weights import load_features
from multitoon.model.features import MEANS, FeatureNetwork


def test_vgg19_has_torchvisions_keys_and_the_maps_are_before_their_relu() -> None:
    net = FeatureNetwork(("conv1_2", "conv3_1"))
    # torchvision's vgg19().features: conv1_1 0, conv1_2 2, pool 4, conv2_1 5, conv2_2 7, pool 9, conv3_1 10
    assert [key for key in net.body.state_dict() if key.endswith("weight")] == [
        f"features.{i}.weight" for i in (0, 2, 5, 7, 10)
    ]
    maps = net(torch.rand(2, 3, 20, 24) * 2 - 1)
    assert {name: tuple(m.shape) for name, m in maps.items()} == {
        "conv1_2": (2, 64, 20, 24),
        "conv3_1": (2, 256, 5, 6),
    }
    assert maps["conv1_2"].min() < 0 < maps["conv1_2"].max()


def test_vgg19_and_vgg16_differ_from_block_three_on() -> None:
    deep19, deep16 = FeatureNetwork(("conv4_4",)), FeatureNetwork(("conv4_3",), "vgg16")
    assert list(deep19.body.state_dict())[-2] == "features.25.weight"
    assert list(deep16.body.state_dict())[-2] == "features.21.weight"
    with pytest.raises(UnknownNameError, match="conv3_3"):
        FeatureNetwork(("conv3_4",), "vgg16")


def test_a_map_is_what_the_convolutions_give() -> None:
    net = FeatureNetwork(("conv1_2",), convention="caffe")
    x = torch.rand(1, 3, 6, 6) * 2 - 1
    first, second = net.body.features["0"], net.body.features["2"]
    expected = second(first((x + 1) / 2 - torch.tensor(MEANS["caffe"]).view(1, 3, 1, 1)).relu())
    assert torch.allclose(net(x)["conv1_2"], expected)


def test_fewer_layers_on_request() -> None:
    net = FeatureNetwork(("conv1_1", "conv2_1"))
    x = torch.rand(1, 3, 8, 8)
    some = net(x, ("conv1_1",))
    assert list(some) == ["conv1_1"]
    assert torch.equal(some["conv1_1"], net(x)["conv1_1"])


def test_after_calibration_the_mean_is_one_and_nothing_trains() -> None:
    net = FeatureNetwork(("conv1_1", "conv2_2"))
    photos = torch.rand(3, 3, 16, 16, generator=torch.Generator().manual_seed(0)) * 2 - 1
    for _ in range(2):  # once more changes nothing
        maps = net.calibrate(photos)(photos)
        assert maps["conv2_2"].abs().mean().item() == pytest.approx(1, rel=1e-4)
    assert not net.train().training
    assert not any(p.requires_grad for p in net.parameters())


@pytest.mark.parametrize(("network", "channels"), [("resnet18", 128), ("resnet50", 512)])
def test_resnets_end_at_the_stage_asked_for(network: str, channels: int) -> None:
    net = FeatureNetwork(("layer2",), network)
    assert tuple(net(torch.zeros(1, 3, 32, 48))["layer2"].shape) == (1, channels, 4, 6)
    keys = net.body.state_dict().keys()
    assert {"conv1.weight", "layer2.0.downsample.0.weight", "layer2.1.bn1.running_mean"} <= keys
    assert not any(key.startswith("layer3") for key in keys)


@pytest.mark.parametrize(("scale", "convention"), [(50.0, "caffe"), (0.2, "torchvision")])
def test_the_convention_is_known_by_the_first_layer(tmp_path: Path, scale: float, convention: str) -> None:
    state = {key: value.clone() for key, value in FeatureNetwork(("conv1_2",)).body.state_dict().items()}
    state["features.0.weight"].normal_(0, scale, generator=torch.Generator().manual_seed(0))
    save_file(state, tmp_path / "vgg.safetensors")
    net = load_features(("conv1_1",), weights=tmp_path / "vgg.safetensors")
    assert net.mean.flatten().tolist() == pytest.approx(MEANS[convention])
    save_file(state, tmp_path / "vgg.safetensors", {"input": "caffe"})
    assert load_features(("conv1_1",), weights=tmp_path / "vgg.safetensors").mean[0, 0].item() > 0.48501


def test_int8_files_are_expanded(tmp_path: Path) -> None:
    state = {
        "features.0.weight": torch.full((64, 3, 3, 3), 100, dtype=torch.int8),
        "features.0.weight.scale": torch.linspace(0.001, 0.01, 64),
        "features.0.bias": torch.zeros(64),
    }
    save_file(state, tmp_path / "vgg.safetensors")
    weight = load_features(("conv1_1",), weights=tmp_path / "vgg.safetensors").body.features["0"].weight
    assert weight[0].unique().item() == pytest.approx(0.1)
    assert weight[63].unique().item() == pytest.approx(1.0)


def test_weights_that_end_too_early_are_said(tmp_path: Path) -> None:
    save_file(FeatureNetwork(("conv1_2",)).body.state_dict(), tmp_path / "vgg.safetensors")
    with pytest.raises(CheckpointError, match=r"features\.5\.weight is missing"):
        load_features(("conv2_1",), weights=tmp_path / "vgg.safetensors")
    (tmp_path / "no.safetensors").write_bytes(b"no")
    with pytest.raises(CheckpointError, match="not a readable safetensors"):
        load_features(("conv2_1",), weights=tmp_path / "no.safetensors")


def test_without_a_file_and_a_network_the_way_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("multitoon.feature_weights.ADDRESS", (tmp_path / "nowhere").as_uri() + "/")
    with pytest.raises(CheckpointError, match=r"vgg19-dcbb9e9d\.pth") as caught:
        load_features(("conv1_1",))
    assert "--feature-weights" in caught.value.hint


def test_a_cached_file_of_torchvision_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    file = tmp_path / "hub/checkpoints/vgg19-dcbb9e9d.pth"
    file.parent.mkdir(parents=True)
    state = FeatureNetwork(("conv1_1",)).body.state_dict()
    torch.save(state, file)
    assert torch.equal(load_features(("conv1_1",)).body.features["0"].weight, state["features.0.weight"])
