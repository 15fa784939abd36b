import pytest
import torch
from safetensors.torch import save_file

from multitoon.errors import CheckpointError
from multitoon.evaluate.inception import STANDARD, TAP, TORCHVISION, Inception, load_inception


@pytest.fixture(scope="module")
def network() -> Inception:
    torch.manual_seed(0)
    return Inception().eval()


@pytest.fixture(scope="module")
def reference() -> torch.nn.Module:
    """Torchvision's own network with random weights and statistics."""
    try:
        from torchvision.models.inception import Inception3
    except (ImportError, RuntimeError, OSError) as error:  # a CUDA build beside a CPU torch
        pytest.skip(f"torchvision does not import here: {error}")
    torch.manual_seed(0)
    net = Inception3(num_classes=1000, transform_input=False, init_weights=False).eval()
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.1, 0.6)
            module.weight.data.uniform_(0.5, 1.5)
    return net


def pool_of(net: torch.nn.Module, x: torch.Tensor) -> dict[str, torch.Tensor]:
    """What `net` shows after Mixed_6e and before its classifier, for `x` in [-1, 1]."""
    found = {}
    hooks = [
        net.Mixed_6e.register_forward_hook(lambda _, __, y: found.update({TAP: y.mean((2, 3))})),
        net.Mixed_7c.register_forward_hook(lambda _, __, y: found.update({STANDARD: y.mean((2, 3))})),
    ]
    with torch.no_grad():
        net(torch.nn.functional.interpolate(x, (299, 299), mode="bilinear", align_corners=False))
    for hook in hooks:
        hook.remove()
    return found


def test_features_of_weights_that_end_early(network, tmp_path):
    beyond = {"Mixed_7a.branch3x3_1.weight": torch.zeros(1)}
    save_file(network.state_dict() | beyond, tmp_path / "inception.safetensors")
    x = torch.rand(2, 3, 50, 70) * 2 - 1
    with torch.no_grad():
        features = load_inception(tmp_path / "inception.safetensors")(x)
        assert set(features) == {TAP}
        assert features[TAP].shape == (2, 768)
        torch.testing.assert_close(features[TAP], network(x)[TAP])


def test_torchvisions_weights_agree_with_torchvision(reference, tmp_path):
    torch.save(reference.state_dict(), tmp_path / "inception.pth")
    x = torch.rand(1, 3, 64, 64) * 2 - 1
    with torch.no_grad():
        features = load_inception(tmp_path / "inception.pth")(x)
    assert set(features) == {TORCHVISION}
    torch.testing.assert_close(features[TORCHVISION], pool_of(reference, x)[STANDARD], rtol=1e-4, atol=1e-5)


def test_the_fid_papers_weights_are_told_by_their_classifier(reference, tmp_path, monkeypatch):
    weights = reference.state_dict() | {"fc.weight": torch.zeros(1008, 2048), "fc.bias": torch.zeros(1008)}
    torch.save({k: v for k, v in weights.items() if not k.startswith("Aux")}, tmp_path / "inception.pth")
    x = torch.rand(1, 3, 64, 64) * 2 - 1
    with torch.no_grad():
        features = load_inception(tmp_path / "inception.pth")(x)
    assert {name: tuple(f.shape) for name, f in features.items()} == {TAP: (1, 768), STANDARD: (1, 2048)}

    # The same of torchvision's network once its pools are those of the papers.
    average, largest, calls = torch.nn.functional.avg_pool2d, torch.nn.functional.max_pool2d, []

    def pool(x, kernel_size, stride, padding):
        calls.append(x.shape[1])
        last = calls.count(2048) == 1  # Mixed_7c is the only block that takes 2048 channels
        return largest(x, 3, 1, 1) if last else average(x, 3, 1, 1, count_include_pad=False)

    monkeypatch.setattr(torch.nn.functional, "avg_pool2d", pool)
    expected = pool_of(reference, x)
    for name, feature in features.items():
        torch.testing.assert_close(feature, expected[name], rtol=1e-4, atol=1e-5)


def test_other_weights_are_refused(network, tmp_path):
    path = tmp_path / "other.safetensors"
    tensors = network.state_dict()
    save_file({key: value for key, value in tensors.items() if "5b" not in key}, path)
    with pytest.raises(CheckpointError, match=r"keys that do not match: Mixed_5b\.branch1x1\.bias"):
        load_inception(path)
    save_file(tensors | {"Conv2d_1a_3x3.bias": torch.zeros(3)}, path)
    with pytest.raises(CheckpointError, match="tensors of other shapes"):
        load_inception(path)
    save_file({"Conv2d_1a_3x3.conv.weight": torch.zeros(1)}, path)
    with pytest.raises(CheckpointError, match=r"no fc\.weight, whose rows tell the FID papers' Inception"):
        load_inception(path)
