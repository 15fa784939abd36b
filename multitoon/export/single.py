"""One style, or one mix, as one file: a plain network without adapters, checked before it is let out."""

from __future__ import annotations

import copy
import dataclasses
import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import Tensor

from multitoon import __version__
from multitoon.checkpoint import adapter_facts, backbone_hash, find_adapter
from multitoon.config import load_config
from multitoon.errors import OutputError, UnknownNameError, UsageError
from multitoon.export.onnx import open_onnx, write_onnx
from multitoon.export.parity import Parity, measure_parity
from multitoon.export.pt2 import open_pt2, write_pt2
from multitoon.export.wrap import FLOAT_NCHW, PRECISIONS, Contract, PhotoToToon
from multitoon.model.backbone import Backbone, BackboneConfig
from multitoon.model.merge import merge
from multitoon.presets import preset_path
from multitoon.stylize import MultiToon

Writer = Callable[[PhotoToToon, Path, Mapping[str, str]], None]
Opener = Callable[[Path], Callable[[Tensor], Tensor]]
FORMATS: dict[str, tuple[Writer, Opener]] = {"onnx": (write_onnx, open_onnx), "pt2": (write_pt2, open_pt2)}
"""What can be written, and how it is read back for the parity."""


def export_style(
    mix: Mapping[str, float],
    path: Path,
    *,
    format: str = "onnx",
    precision: str = "fp32",
    contract: Contract = FLOAT_NCHW,
    overwrite: bool = False,
) -> Parity:
    """Write `path` and, beside it, `path`.parity.json; nothing is written where the parity does not hold.

    Args:
        mix: styles, or folders of adapters, with their weights (0 to 1.5).
        format: a key of `FORMATS`.
        precision: a key of `wrap.PRECISIONS`.

    Raises:
        UnknownNameError: a style, format or precision that there is not.
        UsageError: an empty mix, a weight out of range, or two adapters of one name.
        CheckpointError: a backbone or adapter that is damaged or does not fit.
        MissingExtraError: the packages of that format are not installed.
        OutputError: `path` exists, cannot be written, or would differ too much from the merged network.
    """
    for kind, name, known in (("format", format, FORMATS), ("precision", precision, PRECISIONS)):
        if name not in known:
            raise UnknownNameError(f"export {kind}", name, known)
    if path.exists() and not overwrite:
        raise OutputError(f"{path} exists already.", "Pass --overwrite to replace it.")
    toon = MultiToon.from_pretrained()
    names = {source: toon.load_adapter(source) for source in mix}
    if len(set(names.values())) < len(names):
        raise UsageError(f"Two adapters of one name: {', '.join(names.values())}.", "Rename one of them.")
    toon.set_adapter({names[source]: weight for source, weight in mix.items()})
    merged = toon.merge()
    facts = {
        "style": ",".join(f"{names[source]}:{weight:g}" for source, weight in mix.items()),
        "adapter_sha256": ",".join(f"{name}:{toon.hash_of(name)}" for name in names.values()),
        "backbone_sha256": backbone_hash(toon.network.backbone),
        "license": "; ".join(dict.fromkeys(_license(source) for source in mix)),
    }
    return _write(merged, path, format, precision, contract, facts)


def export_untrained(preset: str, path: Path) -> None:
    """Write a backbone's preset, a name or a YAML file, merged and with random weights: for timing.

    Raises:
        UnknownNameError, ConfigError: no such preset, or a damaged one.
        MissingExtraError: onnx is not installed.
    """
    network = Backbone(load_config(BackboneConfig, preset_path(preset))).eval()
    write_onnx(PhotoToToon(merge(network)).eval(), path, {"preset": network.config.name})


def _write(
    merged: torch.nn.Module,
    path: Path,
    format: str,
    precision: str,
    contract: Contract,
    facts: dict[str, str],
) -> Parity:
    write, read = FORMATS[format]
    low, high = contract.range
    metadata = facts | {
        "library": f"multitoon {__version__}",
        "precision": precision,
        "layout": contract.layout,
        "channels": "RGB",
        "range": f"[{low}, {high}]",
        "size": "any; the toon has the photo's",
    }
    # Half precision is the copy's: parity is measured against the network as it was.
    network = copy.deepcopy(merged).to(PRECISIONS[precision])
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".multitoon-") as folder:
            part = Path(folder) / path.name
            write(PhotoToToon(network, contract, precision).eval(), part, metadata)
            parity = measure_parity(read(part), merged, contract, precision)
            if not parity.holds:
                raise OutputError(
                    f"{path} would differ from the merged network by {parity.max_difference:.2g} on [-1, 1], "
                    f"more than {parity.limit:.2g}; it was not written.",
                    "" if precision == "fp32" else "Export it with --precision fp32.",
                )
            report = Path(folder) / "parity.json"
            content = dataclasses.asdict(parity) | {"max_difference": parity.max_difference} | metadata
            report.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")
            report.replace(parity_path(path))
            part.replace(path)
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(f"{path} could not be written: {error.strerror or error}.") from error
    return parity


def parity_path(path: Path) -> Path:
    """Where the parity of the export at `path` is written: `hayao.onnx.parity.json`."""
    return path.with_name(f"{path.name}.parity.json")


def _license(source: str) -> str:
    return str(adapter_facts(find_adapter(source)).get("license", "not stated"))
