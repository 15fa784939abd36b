"""An ONNX file as `bench` sees it: layout, range and multiple, parameters and multiply-adds."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from multitoon.errors import CheckpointError, MissingExtraError, UsageError
from multitoon.evaluate.runtime import open_session, profile

CONTRACTS = "contracts.json"
"""Beside a peer: `{"file.onnx": {"range": [-1, 1], "multiple": 8, "channels": "BGR", ...}}`."""


@dataclasses.dataclass(frozen=True)
class Contender:
    """A network for pictures, and what it wants them to be."""

    name: str
    path: Path
    channels_last: bool
    uint8: bool
    range: tuple[float, float]
    """The values of black and white."""
    multiple: int
    """What H and W must be multiples of; pictures are rounded up to it."""
    bgr: bool
    """Blue comes first, in and out."""
    parameters: int
    """Floating-point numbers in the file."""

    def size_for(self, size: tuple[int, int]) -> tuple[int, int]:
        """The (H, W) that this network draws where `size` is asked for."""
        return tuple(math.ceil(side / self.multiple) * self.multiple for side in size)

    def picture(self, size: tuple[int, int]) -> np.ndarray:
        """Random pixels for `size_for(size)`, always the same."""
        height, width = self.size_for(size)
        shape = (1, height, width, 3) if self.channels_last else (1, 3, height, width)
        low, high = self.range
        values = np.random.default_rng(0).uniform(low, high, shape)
        return values.astype(np.uint8 if self.uint8 else np.float32)


def load_contender(path: Path, name: str | None = None) -> Contender:
    """What the file at `path` and the contract beside it say.

    Raises:
        CheckpointError: not an ONNX file, or a damaged contract.
        UsageError: a network that does not take RGB pictures of any size.
        MissingExtraError: onnx or onnxruntime is not installed.
    """
    given = open_session(path, threads=1).get_inputs()[0]
    shape = given.shape
    if len(shape) != 4 or 3 not in (shape[1], shape[3]):
        raise UsageError(f"{path}: its input is {shape}, must be (B, 3, H, W) or (B, H, W, 3).")
    channels_last = shape[3] == 3
    sides = shape[1:3] if channels_last else shape[2:]
    if any(isinstance(side, int) for side in sides):
        raise UsageError(f"{path} is bound to pictures of {sides[0]} x {sides[1]}, must take any size.")
    uint8 = given.type == "tensor(uint8)"
    contract = _contract(path)
    low, high = contract.get("range", (0, 255) if uint8 else (-1, 1))
    return Contender(
        name=name or path.stem,
        path=path,
        channels_last=channels_last,
        uint8=uint8,
        range=(low, high),
        multiple=contract.get("multiple", 1),
        bgr=contract.get("channels", "RGB") == "BGR",
        parameters=_parameters(path),
    )


def count_macs(contender: Contender, size: tuple[int, int]) -> int:
    """Multiply-adds of all convolutions and matrix products in one picture of `size` (H, W).

    The shapes are those of a run, border and padding to the multiple included.
    """
    return sum(_macs(node) for node in profile(contender.path, contender.picture(size)))


def _macs(node: dict[str, Any]) -> int:
    if node["op_name"] not in ("Conv", "ConvTranspose", "Gemm", "MatMul"):
        return 0
    inputs = [shape for entry in node["input_type_shape"] for shape in entry.values()]
    outputs = [shape for entry in node["output_type_shape"] for shape in entry.values()]
    if node["op_name"] == "Conv":  # weight (C_out, C_in / groups, kh, kw)
        return math.prod(outputs[0]) * math.prod(inputs[1][1:])
    if node["op_name"] == "ConvTranspose":  # weight (C_in, C_out / groups, kh, kw)
        return math.prod(inputs[0]) * math.prod(inputs[1][1:])
    return math.prod(outputs[0]) * inputs[0][-1]


def _contract(path: Path) -> dict[str, Any]:
    file = path.with_name(CONTRACTS)
    if not file.is_file():
        return {}
    try:
        return json.loads(file.read_text(encoding="utf-8")).get(path.name, {})
    except (OSError, ValueError, AttributeError) as error:
        raise CheckpointError(f"{file}: not a JSON object of contracts ({error}).") from error


def _parameters(path: Path) -> int:
    try:
        import onnx
    except ImportError as error:
        raise MissingExtraError("Counting an ONNX file's parameters", "export") from error
    floats = (onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16, onnx.TensorProto.DOUBLE)
    graph = onnx.load(path).graph
    tensors = list(graph.initializer)
    tensors += [
        a.t for node in graph.node if node.op_type == "Constant" for a in node.attribute if a.HasField("t")
    ]
    return sum(math.prod(tensor.dims) for tensor in tensors if tensor.data_type in floats)
