"""One safetensors file: the merged network's weights with its plan beside them, and nothing of adapters."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from multitoon.config import from_dict, to_dict
from multitoon.errors import CheckpointError
from multitoon.export.wrap import PhotoToToon
from multitoon.model.backbone import Backbone, BackboneConfig

KEY = "multitoon"
"""Of the JSON object in the file's header: the network's config, and the export's metadata."""


def write_safetensors(module: PhotoToToon, path: Path, metadata: Mapping[str, str]) -> None:
    """Write the merged network of `module` to `path`, in the precision that it has."""
    network = module.network
    tensors = {key: value.detach().contiguous() for key, value in network.state_dict().items()}
    header = {
        "network": to_dict(network.config),
        "shades": network.shades.item(),
        "fade": network.fade,
        "metadata": dict(metadata),
    }
    # All facts under one key: safetensors writes several in random order, and equal weights would differ.
    save_file(tensors, path, {KEY: json.dumps(header, sort_keys=True)})


def load_merged(path: str | Path) -> Backbone:
    """The network in `path`, in fp32 and evaluation mode: plain convolutions, no adapter, no `pbn`.

    >>> network = load_merged("hayao.safetensors")                                    # doctest: +SKIP
    >>> PhotoToToon(network)(photo)             # (B, 3, H, W) in [-1, 1], any size     # doctest: +SKIP

    Raises:
        CheckpointError: no such file, a damaged one, or one of another kind.
    """
    path = Path(path)
    try:
        with safe_open(path, "pt") as file:
            header = json.loads((file.metadata() or {})[KEY])
            plan = header["network"]
            shades, fade = (float(header.get(key, 0)) for key in ("shades", "fade"))  # older files have none
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - it is no dict
    except OSError as error:
        raise CheckpointError(f"{path}: {error.strerror or error}.") from error
    except SafetensorError as error:
        raise CheckpointError(f"{path}: damaged or not a safetensors file ({error}).") from error
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"{path}: no merged network of multitoon.", "multitoon export --style S --format safetensors"
        ) from error
    network = Backbone(from_dict(BackboneConfig, plan, str(path))).eval()
    network.shades.fill_(shades)
    network.fade = fade
    try:
        network.load_state_dict({key: value.float() for key, value in tensors.items()})
    except RuntimeError as error:
        raise CheckpointError(f"{path}: its tensors are not those of its network ({error}).") from error
    return network


def open_safetensors(path: Path) -> Callable[[Tensor], Tensor]:
    """The network in `path` as a function of a picture."""
    return PhotoToToon(load_merged(path)).eval()
