"""What can be written: how, in which precisions, and how it is read back for the parity."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from torch import Tensor

from multitoon.errors import UnknownNameError, UsageError
from multitoon.export.executorch import open_executorch, write_executorch
from multitoon.export.onnx import open_onnx, write_onnx
from multitoon.export.pt2 import open_pt2, write_pt2
from multitoon.export.safetensors import open_safetensors, write_safetensors
from multitoon.export.wrap import FLOAT_NCHW, Contract, PhotoToToon


class Format(NamedTuple):
    """One kind of file."""

    suffix: str
    write: Callable[[PhotoToToon, Path, Mapping[str, str]], None]
    read: Callable[[Path], Callable[[Tensor], Tensor]]
    precisions: tuple[str, ...]
    graph: bool = True
    """Whether it holds the whole way from photo to toon, and not weights alone."""
    bound: bool = False
    """Whether it needs to know the picture's size."""


FORMATS = {
    "onnx": Format(".onnx", write_onnx, open_onnx, ("fp32", "fp16", "int8")),
    "pt2": Format(".pt2", write_pt2, open_pt2, ("fp32", "fp16")),
    "executorch": Format(".pte", write_executorch, open_executorch, ("fp32",), bound=True),
    "safetensors": Format(".safetensors", write_safetensors, open_safetensors, ("fp32", "fp16"), graph=False),
}


def check_choice(format: str, precision: str, contract: Contract, calibrated: bool) -> Format:
    """The format of that name, if it can be written like that.

    Raises:
        UnknownNameError: a format or precision that there is not.
        UsageError: a precision, contract or calibration that the format or precision has no use for.
    """
    known = dict.fromkeys(name for each in FORMATS.values() for name in each.precisions)
    for kind, name, names in (("format", format, FORMATS), ("precision", precision, known)):
        if name not in names:
            raise UnknownNameError(f"export {kind}", name, names)
    chosen = FORMATS[format]
    if precision not in chosen.precisions:
        raise UsageError(f"{format} is written in {', '.join(chosen.precisions)}, not in {precision}.")
    if (precision == "int8") != calibrated:
        raise UsageError(
            "int8 needs photos to find its ranges on, and nothing else does.",
            "--precision int8 --calibration FOLDER, with some 20 to 50 photos such as it will see.",
        )
    if not chosen.graph and contract != FLOAT_NCHW:
        raise UsageError(f"{format} holds weights without input and output: no size, layout or input.")
    if chosen.bound and contract.size is None:
        raise UsageError(f"{format} is bound to one size.", "Say which: --size 512x512.")
    return chosen
