"""int8: the convolutions of an ONNX file in 8 bits, with ranges learnt from photos.

A value x is stored as q = round(x / scale) + zero, weights with a scale per output channel and zero = 0, maps
with one scale and zero per map (Jacob et al. 2018, *Quantization and Training of Neural Networks for
Efficient Integer-Arithmetic-Only Inference*, eq. 1). The file holds pairs of `QuantizeLinear` and
`DequantizeLinear` around each convolution, which runtimes turn into integer kernels.

Weights use 7 of the 8 bits: processors without VNNI add two products of 8 bits in 16, which overflow (on a
network of random weights the mean loss was 0.18 instead of 0.02; on ours 7 bits cost 0.4 dB).

A map's range is the mean over photos of each photo's extremes. The extremes of all photos together would do
most pictures harm: one photo in forty reaches ten times the others' values.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from multitoon.errors import MissingExtraError
from multitoon.export.calibration import SIZE, Calibration, crop
from multitoon.export.onnx import INPUT
from multitoon.export.wrap import Contract


def quantize_onnx(path: Path, calibration: Calibration, contract: Contract) -> None:
    """Turn the fp32 network at `path` into int8, in place, metadata kept.

    The first and the last convolution stay in fp32: together they are 5 % of the work and of the time, and in
    8 bits they would take the loss from 47 to 30 dB, since one reads the photo and the other draws on it.

    Raises:
        ImageReadError: a photo that cannot be read.
        MissingExtraError: onnx or onnxruntime is not installed.
    """
    try:
        import onnx
        from onnxruntime.quantization import (
            CalibrationDataReader,
            CalibrationMethod,
            QuantFormat,
            QuantType,
            quantize_static,
        )
    except ImportError as error:
        raise MissingExtraError("Export to int8", "export") from error

    class Photos(CalibrationDataReader):
        def __init__(self) -> None:
            self.inputs = _inputs(calibration, contract)

        def get_next(self) -> dict[str, np.ndarray] | None:
            return next(self.inputs, None)

    metadata = list(onnx.load(path).metadata_props)
    convolutions = [node.name for node in onnx.load(path).graph.node if node.op_type == "Conv"]
    with _quiet():
        quantize_static(
            path,
            path,
            Photos(),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv"],
            nodes_to_quantize=convolutions[1:-1],
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
            extra_options={"CalibMovingAverage": True},
        )
    model = onnx.load(path)
    model.producer_name = "multitoon"
    del model.metadata_props[:]
    model.metadata_props.extend(metadata)
    onnx.save(model, path)


def _inputs(calibration: Calibration, contract: Contract) -> Iterator[dict[str, np.ndarray]]:
    for path in calibration.fitted:
        yield {INPUT: contract.apply(crop(path, contract.size or SIZE)).numpy()}


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """The tool advises on the root logger to optimize first, which an exported graph has no need of."""
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)
    try:
        yield
    finally:
        root.setLevel(level)
