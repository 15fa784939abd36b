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
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from multitoon.config import from_dict, to_dict
from multitoon.errors import BackboneMismatchError, CheckpointError
from multitoon.model.adapter import Adapter, AdapterConfig
from multitoon.model.backbone import Backbone, BackboneConfig
from multitoon.presets import shipped
from multitoon.whole_file import whole_file

BACKBONE_CONFIG, BACKBONE_WEIGHTS = "config.json", "model.safetensors"
ADAPTER_CONFIG, ADAPTER_WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
MAX_BYTES = 256 * 2**20
"""No file of weights that we read is larger: CartoonGAN in fp32 is 45 MB."""
MAX_CONFIG_BYTES = 2**20
"""No JSON that we read is larger: a backbone's config with its whole training is 12 KB."""
MAX_BLOCKS = 256
"""No network that we build has more blocks: CartoonGAN has 17."""
DTYPES = (torch.float32, torch.float16, torch.bfloat16)


def adapters_home() -> Path:
    """The folder of the backbone: `$MULTITOON_ADAPTERS` if it holds one, or what came with the package."""
    own = _own_home()
    if own and ((own / "backbone" / BACKBONE_CONFIG).is_file() or not own.is_dir()):
        return own
    return shipped("adapters")


def adapters_homes() -> list[Path]:
    """Where styles are looked for by name, in that order: `$MULTITOON_ADAPTERS`, then `adapters_home()`."""
    return list(dict.fromkeys([*filter(None, [_own_home()]), adapters_home()]))


def _own_home() -> Path | None:
    override = os.environ.get("MULTITOON_ADAPTERS")
    return Path(override).expanduser() if override else None


def styles_in(homes: Iterable[Path]) -> dict[str, Path]:
    """The styles in folders of adapters, by name, each with its own folder; the first home wins."""
    found = [path.parent for home in homes for path in sorted(home.glob(f"*/{ADAPTER_CONFIG}"))]
    return dict(sorted({folder.name: folder for folder in reversed(found)}.items()))


def shipped_styles() -> list[str]:
    """The styles in `adapters_homes()`, by name."""
    return list(styles_in(adapters_homes()))


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
    config = from_dict(BackboneConfig, raw.get("backbone"), str(folder / BACKBONE_CONFIG))
    tensors = _read_tensors(folder / BACKBONE_WEIGHTS)
    blocks = sum(spec.repeat for spec in (*config.encoder, *config.residual, *config.decoder))
    if blocks > MAX_BLOCKS:
        raise CheckpointError(f"{folder}: a network of {blocks} blocks; over {MAX_BLOCKS} are not built.")
    # First without memory: a config that asks for more than its file of weights holds is refused unbuilt.
    try:
        with torch.device("meta"):
            plan = Backbone(config)
    except (RuntimeError, ArithmeticError) as error:
        reason = str(error).partition("\n")[0]
        raise CheckpointError(f"{folder / BACKBONE_CONFIG}: cannot be built ({reason}).") from error
    _check_tensors(plan, tensors, folder / BACKBONE_WEIGHTS)
    backbone = Backbone(config).eval()
    _load_strictly(backbone, tensors, folder / BACKBONE_WEIGHTS)
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
    bound = {"backbone": backbone.config.name, "backbone_sha256": digest, "library": "multitoon"}
    _write_json(folder / ADAPTER_CONFIG, {"adapter": to_dict(adapter.config), **bound, **facts})


def load_adapter(folder: str | Path, backbone: Backbone) -> Adapter:
    """The adapter in `folder`, for `backbone`, in evaluation mode.

    Raises:
        BackboneMismatchError: it was made for another backbone.
        CheckpointError: a file is missing or damaged, or keys or shapes are not this adapter's.
    """
    folder = Path(folder)
    raw = _read_json(folder / ADAPTER_CONFIG)
    config = from_dict(AdapterConfig, raw.get("adapter"), str(folder / ADAPTER_CONFIG))
    wanted, found = str(raw.get("backbone_sha256")), backbone_hash(backbone)
    if wanted != found:
        names = [text for key in ("backbone", "base_model") if isinstance(text := raw.get(key), str)]
        home = raw.get("base_model")
        raise BackboneMismatchError(
            f"{config.style}: made for the backbone {' '.join([*names, wanted[:12]])}, "
            f"but this one is {backbone.config.name} {found[:12]}.",
            f"Draw with its own backbone: --backbone {home}"
            if isinstance(home, str)
            else "Load the backbone that it names, or train the style again on this one.",
        )
    adapter = Adapter(backbone, config).eval()
    _load_strictly(adapter, _read_tensors(folder / ADAPTER_WEIGHTS), folder / ADAPTER_WEIGHTS)
    return adapter


def adapter_facts(folder: str | Path) -> dict[str, Any]:
    """Everything in an adapter's `adapter_config.json`."""
    return _read_json(Path(folder) / ADAPTER_CONFIG)


def backbone_facts(folder: str | Path) -> dict[str, Any]:
    """Everything in a backbone's `config.json`."""
    return _read_json(Path(folder) / BACKBONE_CONFIG)


def save_tensors(path: str | Path, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
    """Write `tensors` that are no network's, such as a bank, to `path`.safetensors; `facts` to its .json."""
    path = Path(path)
    _write(path.with_suffix(".safetensors"), _serialize(dict(tensors), {"kind": path.name}))
    _write_json(path.with_suffix(".json"), facts)


def load_tensors(path: str | Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """What `save_tensors` wrote.

    Raises:
        CheckpointError: a file is missing or damaged.
    """
    path = Path(path)
    return _read_tensors(path.with_suffix(".safetensors")), _read_json(path.with_suffix(".json"))


def is_ours(folder: Path) -> bool:
    """Whether a folder holds the config of an adapter or a backbone of this library."""
    for name, keys in (
        (ADAPTER_CONFIG, {"adapter", "backbone_sha256"}),
        (BACKBONE_CONFIG, {"backbone", "sha256"}),
    ):
        with contextlib.suppress(CheckpointError):
            if keys <= _read_json(folder / name).keys():
                return True
    return False


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


def _load_strictly(module: nn.Module, tensors: dict[str, Tensor], path: Path) -> None:
    own = _check_tensors(module, tensors, path)
    module.load_state_dict({key: value.to(own[key].dtype) for key, value in tensors.items()})


def _check_tensors(module: nn.Module, tensors: dict[str, Tensor], path: Path) -> dict[str, Tensor]:
    """The module's own tensors, after a look at the keys, shapes, types and values of those of `path`."""
    own = module.state_dict()
    missing, unexpected = sorted(own.keys() - tensors.keys()), sorted(tensors.keys() - own.keys())
    if missing or unexpected:
        raise CheckpointError(f"{path}: missing keys {_some(missing)}; unexpected keys {_some(unexpected)}.")
    for key in own:  # in the network's order: a file has none, and the same fault gets the same sentence
        value = tensors[key]
        if value.shape != own[key].shape:
            raise CheckpointError(f"{path}: {key} is {tuple(value.shape)}, must be {tuple(own[key].shape)}.")
        if value.dtype not in DTYPES:
            kind = str(value.dtype).removeprefix("torch.")
            raise CheckpointError(f"{path}: {key} is {kind}, must be float32, float16 or bfloat16.")
        if not torch.isfinite(value).all():
            raise CheckpointError(f"{path}: {key} holds values that are not finite numbers.")
    return own


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
        size = path.stat().st_size
        if size > MAX_CONFIG_BYTES:
            raise CheckpointError(f"{path}: {size:,} bytes; over {MAX_CONFIG_BYTES:,} are not read.")
        raw = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CheckpointError(f"{path}: {error.strerror or error}.") from error
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{path}: not JSON ({error}).") from error
    if not isinstance(raw, dict):
        raise CheckpointError(f"{path}: holds a {type(raw).__name__}, must be an object.")
    return raw


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    _write(path, (json.dumps(content, indent=2, sort_keys=True) + "\n").encode())


def _write(path: Path, content: bytes) -> None:
    with whole_file(path, overwrite=True) as part:
        part.write_bytes(content)


def _some(keys: list[str]) -> str:
    return ", ".join(keys[:4]) + (f" and {len(keys) - 4} more" if len(keys) > 4 else "") if keys else "none"
