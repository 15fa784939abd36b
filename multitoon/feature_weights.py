"""Where the feature networks' weights come from: a file, torch's cache, or torchvision's address."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from torch import Tensor

from multitoon.errors import CheckpointError, UsageError
from multitoon.model.features import Convention, FeatureNetwork
from multitoon.published_weights import expanded, fetched, opened, tensors_of

TORCHVISION = {
    "vgg16": "vgg16-397923af.pth",
    "vgg19": "vgg19-dcbb9e9d.pth",
    "resnet18": "resnet18-f37072fd.pth",
    "resnet50": "resnet50-0676ba61.pth",
}
"""Files of torchvision's ImageNet weights; the second half of each name begins its SHA-256."""
ADDRESS = "https://download.pytorch.org/models/"
CAFFE_SCALE = 5.0
"""Root mean square of the first layer's weights above which they expect Caffe's 0 to 255: there it is about
50, in torchvision's below 1."""


def load_features(
    layers: Iterable[str],
    network: str = "vgg19",
    weights: str | Path | None = None,
    convention: Convention | None = None,
) -> FeatureNetwork:
    """The feature network `network`, ending at the deepest of `layers`, with its weights.

    Args:
        weights: a safetensors file with torchvision's keys, plain or int8 with a `KEY.scale` beside each
            tensor; None takes torchvision's own from torch's cache, downloaded if they are not there.
        convention: of the file's input; None takes what its metadata says under `input`, and where they
            say nothing goes by the size of the first layer's weights (`CAFFE_SCALE`).

    Raises:
        UnknownNameError: no such network or layer.
        UsageError: a convention that is not known.
        CheckpointError: weights that are missing, damaged or of another network.
    """
    layers = tuple(layers)
    if weights is None:
        state, found = _torchvision(network), "torchvision"
    else:
        state, found = _read(Path(weights))
    convention = convention or found
    if convention not in ("caffe", "torchvision"):
        raise UsageError(f"The input convention is {convention!r}, must be caffe or torchvision.")
    net = FeatureNetwork(layers, network, convention)
    own = net.body.state_dict()
    missing = [k for k in own if k not in state and not k.endswith("num_batches_tracked")]
    wrong = [k for k in own if k in state and k not in missing and state[k].shape != own[k].shape]
    if missing or wrong:
        key = (missing or wrong)[0]
        raise CheckpointError(
            f"{weights or TORCHVISION[network]}: {key} is {'missing' if missing else 'of another shape'}; "
            f"{network} up to {layers} needs it.",
            "Is it the file of another network, or does it end at an earlier layer?",
        )
    net.body.load_state_dict({k: state.get(k, own[k]) for k in own})
    return net


def _read(path: Path) -> tuple[dict[str, Tensor], str]:
    with opened(path) as file:
        metadata = file.metadata() or {}
        state = expanded(tensors_of(file), path)
    first = state.get("features.0.weight", state.get("conv1.weight"))
    if first is None:
        raise CheckpointError(f"{path}: neither features.0.weight (VGG) nor conv1.weight (ResNet) is in it.")
    size = float(first.square().mean().sqrt())
    return state, metadata.get("input", "caffe" if size > CAFFE_SCALE else "torchvision")


def _torchvision(network: str) -> dict[str, Tensor]:
    if network not in TORCHVISION:
        # The network's own constructor lists the names.
        FeatureNetwork((), network)
    state = fetched(
        ADDRESS + TORCHVISION[network],
        network,
        "Download that file elsewhere and put it there, or pass --feature-weights FILE (safetensors with "
        f"torchvision's keys, such as {_first_key(network)}).",
    )
    return {re.sub(r"^module\.", "", key): value.float() for key, value in state.items()}


def _first_key(network: str) -> str:
    return "features.0.weight" if network.startswith("vgg") else "conv1.weight"
