"""Weights of the networks that measure: safetensors, plain or int8, or the published Inception checkpoint."""

from __future__ import annotations

import pickle
from pathlib import Path

import torch
from torch import Tensor, nn

from multitoon.errors import CheckpointError
from multitoon.published_weights import expanded, fetched, opened, tensors_of

DOWNLOAD = "download"
"""What is typed in place of a file to fetch the published weights."""
ADDRESS = (
    "https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/"
    "pt_inception-2015-12-05-6726825d.pth"
)
"""Inception of the FID papers, whole; 96 MB. The end of the name begins its SHA-256."""
BN_EPS = 1e-3
"""Inception's batch normalization divides by sqrt(variance + this)."""


def read_weights(path: Path) -> dict[str, Tensor]:
    """The tensors in `path` by name, fp32; int8 ones are multiplied by the `KEY.scale` beside them.

    A `.pth` or `.pt` is a pickle, as there is no other form of the published weights: torch's restricted
    reader takes tensors from it and nothing else.

    Raises:
        CheckpointError: no such file, or not one of those.
    """
    if path.suffix not in (".pth", ".pt"):
        with opened(path) as file:
            return expanded(tensors_of(file), path)
    try:
        raw = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise CheckpointError(f"{path}: not a readable checkpoint of tensors ({error}).") from error
    return expanded(raw, path)


def fetch_inception() -> dict[str, Tensor]:
    """Inception of the FID papers from torch's cache, downloaded and checked against its hash if not there.

    Raises:
        CheckpointError: neither in the cache nor to be had.
    """
    hint = "Give --inception-weights FILE; or leave it out, and there is no FID and KID."
    return fetched(ADDRESS, "Inception", hint)


def folded(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Torchvision's `NAME.conv` and `NAME.bn` as one convolution each: `NAME.weight` and `NAME.bias`."""
    found = {}
    for key in tensors:
        if key.endswith(".conv.weight"):
            name = key.removesuffix(".conv.weight")
            gain = tensors[f"{name}.bn.weight"] / (tensors[f"{name}.bn.running_var"] + BN_EPS).sqrt()
            found[f"{name}.weight"] = tensors[key] * gain.view(-1, 1, 1, 1)
            found[f"{name}.bias"] = tensors[f"{name}.bn.bias"] - tensors[f"{name}.bn.running_mean"] * gain
    return found


def load_strictly(network: nn.Module, tensors: dict[str, Tensor], source: object, what: str) -> None:
    """Put `tensors` into `network`; each key has to be there, and of its shape.

    Raises:
        CheckpointError: they are not `what`; `source` is where they come from.
    """
    own = network.state_dict()
    if {key: value.shape for key, value in tensors.items()} != {k: v.shape for k, v in own.items()}:
        odd = sorted(own.keys() ^ tensors.keys())
        detail = f"keys that do not match: {', '.join(odd[:3])}" if odd else "tensors of other shapes"
        raise CheckpointError(f"{source}: not {what} ({detail}).")
    network.load_state_dict(tensors)
