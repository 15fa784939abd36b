import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from multitoon.errors import CheckpointError, UsageError
from multitoon.image import to_tensor
from multitoon.losses.gram import gram
from multitoon.model.features import FeatureNetwork
from multitoon.transfer import CONTENT_LAYER, STYLE_LAYERS, TransferConfig, network_in, transfer
from tests.conftest import gradient


@pytest.fixture(scope="module")
def network() -> FeatureNetwork:
    """VGG16 with random weights: its Gram matrices tell pictures apart as well."""
    torch.manual_seed(0)
    return FeatureNetwork((*STYLE_LAYERS, CONTENT_LAYER), "vgg16").calibrate(to_tensor(gradient(48, 48)))


@pytest.fixture(scope="module")
def painting() -> Image.Image:
    stripes = Image.new("RGB", (40, 56), (240, 230, 200))
    for x in range(0, 40, 4):
        stripes.paste((30, 30, 30), (x, 0, x + 1, 56))
    return stripes


def style_distance(image: Image.Image, painting: Image.Image, network: FeatureNetwork) -> float:
    a, b = (network(to_tensor(x))["conv1_2"].relu() for x in (image, painting))
    return (gram(a) - gram(b)).square().sum().item()


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_it_comes_nearer_to_the_painting(network, painting, optimizer):
    photo, states = gradient(50, 36), []
    config = TransferConfig(style_weight=100, steps=8, optimizer=optimizer)
    result = transfer(photo, painting, network, config, states.append)
    assert result.size == photo.size
    assert result.mode == "RGB"
    assert style_distance(result, painting, network) < style_distance(photo, painting, network)
    assert [state.step for state in states] == list(range(1, 9))
    assert {state.steps for state in states} == {8}
    assert states[0].content == 0  # it starts from the photo
    assert states[-1].style < states[0].style


def test_content_alone_gives_the_photo_back(network, painting):
    photo = gradient(40, 32)
    config = TransferConfig(style_weight=0, smoothness=0, steps=3)
    assert transfer(photo, painting, network, config).tobytes() == photo.tobytes()


def test_large_photos_are_drawn_at_half_size_first(network, painting):
    sizes = []
    config = TransferConfig(steps=3)
    result = transfer(
        gradient(161, 33), painting, network, config, lambda state: sizes.append(state.picture().size)
    )
    assert sizes == [(80, 16), (80, 16), (161, 33)]
    assert result.size == (161, 33)


def test_twice_the_same(network, painting):
    config = TransferConfig(steps=3)
    first, second = (transfer(gradient(32, 24), painting, network, config).tobytes() for _ in range(2))
    assert first == second


def test_refuses(network, painting):
    with pytest.raises(UsageError, match="The photo is 15x40, must be at least 16 pixels a side"):
        transfer(gradient(15, 40), painting, network)
    with pytest.raises(UsageError, match="steps is 0, must be at least 1"):
        TransferConfig(steps=0)
    with pytest.raises(UsageError, match="style_weight is nan"):
        TransferConfig(style_weight=float("nan"))


@pytest.mark.parametrize("name", ["vgg16", "vgg19"])
def test_which_network_a_file_holds(tmp_path, name):
    path = tmp_path / "weights.safetensors"
    save_file({k: torch.zeros(1) for k in FeatureNetwork(["conv4_3"], name).body.state_dict()}, path)
    assert network_in(path) == name


def test_a_file_of_neither(tmp_path):
    path = tmp_path / "weights.safetensors"
    save_file({"features.0.weight": torch.zeros(1)}, path)
    with pytest.raises(CheckpointError, match="neither VGG16 nor VGG19 up to conv4_3"):
        network_in(path)
    path.write_bytes(b"no")
    with pytest.raises(CheckpointError, match="not a readable safetensors file"):
        network_in(path)
