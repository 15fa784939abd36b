"""Backbones and adapters on disk: safetensors and JSON, checked on the way in, whole on the way out.

adapters/
  index.json                     hashes, sizes and licenses of everything beside it
  backbone/config.json           the network (`BackboneConfig`)
  backbone/model.safetensors
  <style>/adapter_config.json    style, rank, form, and the hash of the backbone that it was made for
  <style>/adapter_model.safetensors
  <style>/README.md              the card
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from multitoon.config import from_dict, to_dict
from multitoon.errors import BackboneMismatchError, CheckpointError, UnknownNameError
from multitoon.model.adapter import Adapter, AdapterConfig
from multitoon.model.backbone import Backbone, BackboneConfig
from multitoon.presets import shipped

BACKBONE_CONFIG, BACKBONE_WEIGHTS = "config.json", "model.safetensors"
ADAPTER_CONFIG, ADAPTER_WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
MAX_BYTES = 256 * 2**20
"""No file of weights that we read is larger: CartoonGAN in fp32 is 45 MB."""


def adapters_home() -> Path:
    """The folder of the shipped backbone and styles, or `$MULTITOON_ADAPTERS`."""
    override = os.environ.get("MULTITOON_ADAPTERS")
    return Path(override).expanduser() if override else shipped("adapters")


def shipped_styles() -> list[str]:
    """The styles in `adapters_home()`, by name."""
    return sorted(path.parent.name for path in adapters_home().glob(f"*/{ADAPTER_CONFIG}"))


def find_adapter(name_or_path: str | Path) -> Path:
    """The folder of an adapter: a path as it is, a name in `adapters_home()`.

    Raises:
        UnknownNameError: no such style; CheckpointError: a path without an adapter.
    """
    text = str(name_or_path)
    if text.startswith((".", "/", "~")) or os.sep in text:
        folder = Path(text).expanduser()
        if not (folder / ADAPTER_CONFIG).is_file():
            raise CheckpointError(f"{folder}: no adapter there (no {ADAPTER_CONFIG}).")
        return folder
    folder = adapters_home() / text
    if not (folder / ADAPTER_CONFIG).is_file():
        raise UnknownNameError("style", text, shipped_styles())
    return folder


def save_backbone(backbone: Backbone, folder: str | Path, **facts: Any) -> None:
    """Write `config.json` and `model.safetensors`; `facts` (how it was trained) go into the config."""
    folder = Path(folder)
    config = {"backbone": to_dict(backbone.config), "sha256": backbone_hash(backbone), **facts}
    _write(folder / BACKBONE_WEIGHTS, _serialize(_tensors(backbone), {"preset": backbone.config.name}))
    _write_json(folder / BACKBONE_CONFIG, config)


def load_backbone(folder: str | Path | None = None) -> Backbone:
    """The backbone in `folder` (default: the shipped one), in evaluation mode.

    Raises:
        CheckpointError: a file is missing or damaged, or keys or shapes differ from the config's network.
    """
    folder = adapters_home() / "backbone" if folder is None else Path(folder)
    raw = _read_json(folder / BACKBONE_CONFIG)
    backbone = Backbone(from_dict(BackboneConfig, raw.get("backbone"), str(folder / BACKBONE_CONFIG))).eval()
    _load_strictly(backbone, folder / BACKBONE_WEIGHTS)
    return backbone


def save_adapter(adapter: Adapter, folder: str | Path, backbone: Backbone, **facts: Any) -> None:
    """Write `adapter_config.json` and `adapter_model.safetensors`; `facts` go into the config.

    The branches are stored in fp16, which halves the file; statistics, scales and shifts stay fp32.
    """
    folder = Path(folder)
    tensors = {
        key: value.half() if key.endswith((".up", ".down", ".direct")) else value
        for key, value in _tensors(adapter).items()
    }
    digest = backbone_hash(backbone)
    metadata = {"style": adapter.config.style, "backbone_sha256": digest}
    _write(folder / ADAPTER_WEIGHTS, _serialize(tensors, metadata))
    _write_json(
        folder / ADAPTER_CONFIG,
        {"adapter": to_dict(adapter.config), "backbone_sha256": digest, "library": "multitoon", **facts},
    )


def load_adapter(folder: str | Path, backbone: Backbone) -> Adapter:
    """The adapter in `folder`, for `backbone`, in evaluation mode.

    Raises:
        BackboneMismatchError: it was made for another backbone.
        CheckpointError: a file is missing or damaged, or keys or shapes are not this adapter's.
    """
    folder = Path(folder)
    raw = _read_json(folder / ADAPTER_CONFIG)
    wanted, found = raw.get("backbone_sha256"), backbone_hash(backbone)
    if wanted != found:
        raise BackboneMismatchError(
            f"{folder.name}: made for the backbone {str(wanted)[:12]}, but this one is {found[:12]}.",
            "Load the backbone that it names, or train the style again on this one.",
        )
    config = from_dict(AdapterConfig, raw.get("adapter"), str(folder / ADAPTER_CONFIG))
    adapter = Adapter(backbone, config).eval()
    _load_strictly(adapter, folder / ADAPTER_WEIGHTS)
    return adapter


def adapter_facts(folder: str | Path) -> dict[str, Any]:
    """Everything in an adapter's `adapter_config.json`."""
    return _read_json(Path(folder) / ADAPTER_CONFIG)


def backbone_hash(backbone: Backbone) -> str:
    """SHA-256 over the config and the tensors: the identity that an adapter is bound to."""
    digest = hashlib.sha256(json.dumps(to_dict(backbone.config), sort_keys=True).encode())
    for key, value in sorted(_tensors(backbone).items()):
        digest.update(key.encode() + b"\0" + value.float().numpy().tobytes())
    return digest.hexdigest()


def file_hash(path: str | Path) -> str:
    """SHA-256 of a file's bytes."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _tensors(module: nn.Module) -> dict[str, Tensor]:
    return {key: value.detach().cpu().contiguous() for key, value in module.state_dict().items()}


def _serialize(tensors: dict[str, Tensor], facts: Mapping[str, str]) -> bytes:
    # All facts under one key: safetensors writes several in random order, and equal weights would differ.
    return save(tensors, {"multitoon": json.dumps(facts, sort_keys=True)})


def _load_strictly(module: nn.Module, path: Path) -> None:
    tensors = _read_tensors(path)
    own = module.state_dict()
    missing, unexpected = sorted(own.keys() - tensors.keys()), sorted(tensors.keys() - own.keys())
    if missing or unexpected:
        raise CheckpointError(f"{path}: missing keys {_some(missing)}; unexpected keys {_some(unexpected)}.")
    for key, value in tensors.items():
        if value.shape != own[key].shape:
            raise CheckpointError(f"{path}: {key} is {tuple(value.shape)}, must be {tuple(own[key].shape)}.")
        if not value.is_floating_point() or not torch.isfinite(value).all():
            raise CheckpointError(f"{path}: {key} holds values that are not finite numbers.")
    module.load_state_dict({key: value.to(own[key].dtype) for key, value in tensors.items()})


def _read_tensors(path: Path) -> dict[str, Tensor]:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise CheckpointError(
                f"{path}: {size / 2**20:.0f} MiB; files over {MAX_BYTES >> 20} MiB are not read."
            )
        return load(path.read_bytes())
    except OSError as error:
        raise CheckpointError(f"{path}: {error.strerror or error}.") from error
    except SafetensorError as error:
        raise CheckpointError(f"{path}: damaged or not a safetensors file ({error}).") from error


def _read_json(path: Path) -> dict[str, Any]:
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CheckpointError(f"{path}: {error.strerror or error}.") from error
    except ValueError as error:
        raise CheckpointError(f"{path}: not JSON ({error}).") from error
    if not isinstance(raw, dict):
        raise CheckpointError(f"{path}: holds a {type(raw).__name__}, must be an object.")
    return raw


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    _write(path, (json.dumps(content, indent=2, sort_keys=True) + "\n").encode())


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with _whole_or_not_at_all(path) as partial:
        partial.write_bytes(content)


@contextlib.contextmanager
def _whole_or_not_at_all(path: Path) -> Iterator[Path]:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    partial = Path(name)
    try:
        yield partial
        partial.chmod(0o644)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _some(keys: list[str]) -> str:
    return ", ".join(keys[:4]) + (f" and {len(keys) - 4} more" if len(keys) > 4 else "") if keys else "none"
