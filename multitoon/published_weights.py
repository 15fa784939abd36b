"""Weights that others publish: a safetensors file, plain or int8, or a checkpoint that torch fetches.

int8 files hold a `KEY.scale` beside each int8 tensor `KEY`, one number per row: weight = int8 * scale.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.error import URLError

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from multitoon.errors import CheckpointError


@contextlib.contextmanager
def opened(path: str | Path) -> Iterator[safe_open]:
    """The safetensors file at `path`, to read keys, tensors and metadata from.

    Raises:
        CheckpointError: no such file, or a damaged one.
    """
    try:
        with safe_open(path, "pt") as file:
            yield file
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{path}: not a readable safetensors file ({error}).") from error


def tensors_of(file: safe_open) -> dict[str, Tensor]:
    """All tensors of an `opened` file by name, as they are stored."""
    return {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 (not a dict)


def expanded(raw: Mapping[str, Tensor], source: str | Path) -> dict[str, Tensor]:
    """`raw` in fp32, each tensor multiplied by the scale beside it; the scales themselves are left out.

    Raises:
        CheckpointError: an int8 tensor without a scale; `source` is where `raw` comes from.
    """
    tensors = {}
    for key, value in raw.items():
        if key.endswith(".scale") and key.removesuffix(".scale") in raw:
            continue
        scale = raw.get(f"{key}.scale")
        if scale is None and value.dtype == torch.int8:
            raise CheckpointError(f"{source}: {key} is int8, and no {key}.scale is beside it.")
        rows = -1, *[1] * (value.ndim - 1)
        tensors[key] = value.float() if scale is None else value.float() * scale.float().view(rows)
    return tensors


def fetched(address: str, what: str, hint: str) -> dict[str, Tensor]:
    """The tensors of the checkpoint at `address`, from torch's cache, or downloaded if it is not there.

    It is a pickle, as there is no other form of it: torch reads it with `weights_only`, and checks a download
    against the hash in its name.

    Raises:
        CheckpointError: neither in the cache nor to be had; `what` it is and `hint` are told.
    """
    cached = Path(torch.hub.get_dir()) / "checkpoints" / address.rpartition("/")[2]
    try:
        return torch.hub.load_state_dict_from_url(
            address, map_location="cpu", progress=False, check_hash=True, weights_only=True
        )
    except (URLError, OSError, RuntimeError) as error:
        raise CheckpointError(
            f"No weights of {what}: {address} could not be had ({error}), and {cached} is not there.", hint
        ) from error
