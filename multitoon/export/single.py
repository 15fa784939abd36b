"""One style, or one mix, as one file: a plain network without adapters, checked before it is let out."""

from __future__ import annotations

import copy
import dataclasses
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from multitoon import __version__
from multitoon.checkpoint import adapter_facts, backbone_hash
from multitoon.config import load_config
from multitoon.errors import OutputError, UsageError
from multitoon.export.calibration import Calibration, calibration
from multitoon.export.formats import Format, check_choice
from multitoon.export.onnx import write_onnx
from multitoon.export.parity import Parity, measure_parity
from multitoon.export.quantize import quantize_onnx
from multitoon.export.wrap import FLOAT_NCHW, PRECISIONS, Contract, PhotoToToon
from multitoon.lookup import find_adapter
from multitoon.model.backbone import Backbone, BackboneConfig
from multitoon.model.merge import merge
from multitoon.presets import preset_path
from multitoon.stylize import MultiToon
from multitoon.whole_file import output_errors


def export_style(
    mix: Mapping[str, float],
    path: Path,
    *,
    format: str = "onnx",
    precision: str = "fp32",
    contract: Contract = FLOAT_NCHW,
    photos: Path | None = None,
    overwrite: bool = False,
) -> Parity:
    """Write `path` and, beside it, `path`.parity.json; nothing is written where the parity does not hold.

    Args:
        mix: styles, or folders of adapters, with their weights, at most 1 in sum.
        format: a key of `formats.FORMATS`.
        precision: one that the format has.
        photos: the folder that int8 is calibrated and measured on.

    Raises:
        UnknownNameError: a style, format or precision that there is not.
        UsageError: an empty mix, a weight out of range, two adapters of one name, or what the format has no
            use for.
        CheckpointError: a backbone or adapter that is damaged or does not fit.
        ImageReadError: `photos` holds none, or one that cannot be read.
        MissingExtraError: the packages of that format are not installed.
        OutputError: `path` exists, cannot be written, or would differ too much from the merged network.
    """
    chosen = check_choice(format, precision, contract, photos is not None)
    if path.exists() and not overwrite:
        raise OutputError(f"{path} exists already.", "Pass --overwrite to replace it.")
    toon = MultiToon.from_pretrained()
    names = {source: toon.load_adapter(source) for source in mix}
    if len(set(names.values())) < len(names):
        raise UsageError(f"Two adapters of one name: {', '.join(names.values())}.", "Rename one of them.")
    toon.set_adapter({names[source]: weight for source, weight in mix.items()})
    facts = {
        "style": ",".join(f"{names[source]}:{weight:g}" for source, weight in mix.items()),
        "adapter_sha256": ",".join(f"{name}:{toon.hash_of(name)}" for name in names.values()),
        "backbone_sha256": backbone_hash(toon.network.backbone),
        "paper": f"{toon.network.paper(toon.active):g}",
        "license": "; ".join(dict.fromkeys(_license(source) for source in mix)),
    }
    calibrated = None if photos is None else calibration(photos)
    return _write(toon.merge(), path, chosen, precision, contract, calibrated, facts)


def export_untrained(preset: str, path: Path) -> None:
    """Write a backbone's preset, a name or a YAML file, merged and with random weights: for timing.

    Raises:
        UnknownNameError, ConfigError: no such preset, or a damaged one.
        MissingExtraError: onnx is not installed.
    """
    network = Backbone(load_config(BackboneConfig, preset_path(preset))).eval()
    write_onnx(PhotoToToon(merge(network)).eval(), path, {"preset": network.config.name})


def _write(
    merged: Backbone,
    path: Path,
    format: Format,
    precision: str,
    contract: Contract,
    calibrated: Calibration | None,
    facts: dict[str, str],
) -> Parity:
    metadata = facts | _contract_facts(contract) | {"precision": precision}
    if calibrated:
        metadata["calibration"] = f"{len(calibrated.fitted)} photos, measured on {len(calibrated.measured)}"
    # Half precision is the copy's: parity is measured against the network as it was.
    computes_in = "fp32" if precision == "int8" else precision
    network = copy.deepcopy(merged).to(PRECISIONS[computes_in])
    with output_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".multitoon-") as folder:
            part = Path(folder) / path.name
            format.write(PhotoToToon(network, contract, computes_in).eval(), part, metadata)
            if calibrated:
                quantize_onnx(part, calibrated, contract)
            parity = measure_parity(format.read(part), merged, contract, precision, calibrated)
            if not parity.holds:
                raise OutputError(
                    f"{path} would differ from the merged network by {parity.limited:.2g} "
                    f"({parity.limit_on}) on [-1, 1], more than {parity.limit:.2g}; it was not written.",
                    _closer(precision),
                )
            report = Path(folder) / "parity.json"
            report.write_text(json.dumps(_report(parity, metadata), indent=2, sort_keys=True) + "\n", "utf-8")
            report.replace(parity_path(path))
            part.replace(path)
    return parity


def parity_path(path: Path) -> Path:
    """Where the parity of the export at `path` is written: `hayao.onnx.parity.json`."""
    return path.with_name(f"{path.name}.parity.json")


def _contract_facts(contract: Contract) -> dict[str, str]:
    low, high = contract.range
    size = contract.size
    return {
        "library": f"multitoon {__version__}",
        "layout": contract.layout,
        "channels": "RGB",
        "range": f"[{low}, {high}]",
        "size": f"{size[0]}x{size[1]}" if size else "any; the toon has the photo's",
    }


def _report(parity: Parity, metadata: Mapping[str, str]) -> dict[str, object]:
    worst = {name: getattr(parity, name) for name in ("max_difference", "mean_difference", "psnr")}
    return dataclasses.asdict(parity) | worst | metadata


def _closer(precision: str) -> str:
    return {
        "fp32": "",
        "fp16": "Export it with --precision fp32.",
        "int8": "Calibrate on more photos, such as it will see, or export it with --precision fp16.",
    }[precision]


def _license(source: str) -> str:
    return str(adapter_facts(find_adapter(source)).get("license", "not stated"))
