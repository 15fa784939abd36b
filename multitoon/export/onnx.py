"""ONNX: one plain network that any ONNX Runtime opens, with what a user must know in its metadata."""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from multitoon.errors import MissingExtraError
from multitoon.export.wrap import PhotoToToon

INPUT, OUTPUT = "photo", "toon"
"""Names of the graph's input and output."""


def write_onnx(module: PhotoToToon, path: Path, metadata: Mapping[str, str]) -> None:
    """Write `module` to `path`; batch, height and width stay open, unless its contract binds the size.

    Raises:
        MissingExtraError: onnx or onnxscript is not installed.
    """
    try:
        import onnxscript  # noqa: F401 - the exporter's own message names no extra
    except ImportError as error:
        raise MissingExtraError("Export to ONNX", "export") from error
    with _quiet():
        program = torch.onnx.export(
            module,
            (module.example(),),
            dynamo=True,
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_shapes={INPUT: module.open_sizes()},
            external_data=False,
            verbose=False,
            custom_translation_table={torch.ops.aten.pixel_shuffle.default: _pixel_shuffle},
        )
    program.model.producer_name = "multitoon"
    program.model.metadata_props.update(metadata)
    program.save(path)


def open_onnx(path: Path) -> Callable[[Tensor], Tensor]:
    """The network in `path` as a function of a picture, run by ONNX Runtime on the CPU.

    Raises:
        MissingExtraError: onnxruntime is not installed.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingExtraError("Running an ONNX file", "export") from error
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return lambda x: torch.from_numpy(session.run([OUTPUT], {INPUT: x.numpy()})[0])


def _pixel_shuffle(x: Any, upscale_factor: int) -> Any:
    """(B, C r^2, H, W) to (B, C, H r, W r) by two transposes of one axis each.

    ONNX Runtime's `DepthToSpace` moves single numbers, on one thread, and takes four times as long; axes are
    drawn together so that there are never more than four, which is what phones' runtimes transpose.
    """
    from onnxscript import opset18 as op

    channels = x.shape[1] // upscale_factor**2
    batch, height, width = (op.Shape(x, start=axis, end=axis + 1) for axis in (0, 2, 3))
    r, c, rest = (op.Constant(value_ints=[number]) for number in (upscale_factor, channels, -1))
    x = op.Reshape(x, op.Concat(rest, r, op.Mul(height, width), axis=0))  # (B C r, r, H W)
    x = op.Transpose(x, perm=[0, 2, 1])
    x = op.Reshape(x, op.Concat(rest, r, height, op.Mul(width, r), axis=0))  # (B C, r, H, W r)
    x = op.Transpose(x, perm=[0, 2, 1, 3])
    return op.Reshape(x, op.Concat(batch, c, op.Mul(height, r), op.Mul(width, r), axis=0))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """The exporter warns of torchvision, which nothing here uses, and of its own deprecations."""
    logger = logging.getLogger("torch.onnx._internal.exporter._registration")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            warnings.simplefilter("ignore", DeprecationWarning)
            yield
    finally:
        logger.setLevel(level)
