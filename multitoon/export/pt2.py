"""PT2: the graph that `torch.export.load` opens without any code of this package."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import Tensor

from multitoon.export.wrap import PhotoToToon

METADATA = "multitoon.json"
"""The name inside the file under which the metadata lie."""


def write_pt2(module: PhotoToToon, path: Path, metadata: Mapping[str, str]) -> None:
    """Write `module` to `path`; what is open stays open, as in `onnx.write_onnx`."""
    program = torch.export.export(
        module, (module.example(),), dynamic_shapes={"photo": module.open_sizes()}, strict=False
    )
    torch.export.save(program, path, extra_files={METADATA: json.dumps(dict(metadata), sort_keys=True)})


def open_pt2(path: Path) -> Callable[[Tensor], Tensor]:
    """The network in `path` as a function of a picture."""
    return torch.export.load(path).module()
