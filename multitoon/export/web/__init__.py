"""A folder that draws toons in the visitor's browser: a page, a network per style, and ONNX Runtime Web.

index.html, app.js, ...     the page (`page/` here)
styles.json                 the styles, their files and licenses
models/<style>.onnx         what `multitoon export` writes, with its parity beside it
paper.bin                   the texture of the styles' paper, a signed byte a pixel
runtime/                    onnxruntime-web, from the npm package
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path

from multitoon import __version__
from multitoon.checkpoint import adapter_facts, shipped_styles
from multitoon.draw_size import DRAW_SIZE
from multitoon.errors import OutputError, UsageError
from multitoon.export.parity import Parity
from multitoon.export.single import export_style
from multitoon.export.web.runtime import NAME, vendor
from multitoon.lookup import find_adapter
from multitoon.paper import sheet
from multitoon.whole_file import output_errors

MANIFEST = "styles.json"
PAPER_STEP = 24
"""Steps of a byte in one standard deviation of the paper's texture, which has no value beyond five."""


def export_page(
    styles: Sequence[str],
    folder: Path,
    *,
    precision: str = "fp32",
    photos: Path | None = None,
    runtime: Path | None = None,
    overwrite: bool = False,
    talk: Callable[[str], None] = lambda line: None,
) -> dict[str, Parity]:
    """Write the page into `folder`, whole or not at all; each style's parity by its name.

    Args:
        styles: names or folders of adapters; none means every shipped style.
        precision: as `export_style` has it for ONNX.
        photos: the folder that int8 is calibrated on.
        runtime: the npm package onnxruntime-web, as a `.tgz` or a folder; None fetches it.

    Raises:
        OutputError: `folder` exists (and `overwrite` is false, or it is no such page), or cannot be written.
        UsageError, CheckpointError, ...: as `export_style` and `runtime.vendor`.
    """
    if folder.exists() and not overwrite:
        raise OutputError(f"{folder} exists already.", "Pass --overwrite to replace it.")
    if folder.exists() and not (folder / MANIFEST).is_file():
        raise OutputError(f"{folder} exists and is no page of multitoon; it was left as it is.")
    sources = list(dict.fromkeys(styles)) or shipped_styles()
    facts = {source: adapter_facts(find_adapter(source)) for source in sources}
    names = {source: str(fact["adapter"]["style"]) for source, fact in facts.items()}
    if len(set(names.values())) < len(names):
        raise UsageError(f"Two adapters of one name: {', '.join(names.values())}.", "Rename one of them.")
    with output_errors(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".multitoon-") as scratch:
            part = Path(scratch) / "page"
            shutil.copytree(Path(str(resources.files(__name__) / "page")), part)
            (part / "paper.bin").write_bytes((sheet(1.0) * PAPER_STEP).round().astype("int8").tobytes())
            vendor(part / "runtime", runtime, talk)
            parities, entries = {}, []
            for source, name in names.items():
                talk(f"Exporting {name}")
                model = part / "models" / f"{name}.onnx"
                parities[name] = export_style({source: 1.0}, model, precision=precision, photos=photos)
                entries.append(
                    {
                        "name": name,
                        "file": f"models/{name}.onnx",
                        "bytes": model.stat().st_size,
                        "summary": str(facts[source].get("summary", "")),
                        "license": str(facts[source].get("license", "not stated")),
                        "paper": facts[source]["adapter"].get("paper", 0),
                    }
                )
            library = f"multitoon {__version__}"
            content = {"library": library, "runtime": NAME, "precision": precision, "draw_size": DRAW_SIZE}
            content["styles"] = entries
            text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
            (part / MANIFEST).write_text(text, encoding="utf-8")
            if folder.exists():
                folder.replace(Path(scratch) / "old")
            part.replace(folder)
    return parities
