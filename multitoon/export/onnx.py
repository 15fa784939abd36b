"""ONNX: one plain network that any ONNX Runtime opens, with what a user must know in its metadata."""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

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
