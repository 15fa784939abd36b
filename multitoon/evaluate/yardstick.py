"""What this machine can do: a matrix product and a convolution that keep ONNX Runtime as busy as it gets.

They are timed in the same rounds as the networks, so that a share of the limit is a share of that hour's.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from multitoon.errors import MissingExtraError


@dataclasses.dataclass(frozen=True)
class Yardstick:
    """A graph of one operation."""

    name: str
    path: Path
    shape: tuple[int, ...]
    """Of its input."""
    macs: int
    """Multiply-adds of one run."""

    def array(self) -> np.ndarray:
        """The input, always the same."""
        return np.random.default_rng(0).uniform(-1, 1, self.shape).astype(np.float32)


def write_yardsticks(
    folder: Path, side: int = 1024, channels: int = 64, pixels: int = 256
) -> list[Yardstick]:
    """A product of two matrices of `side`², and a 3x3 convolution of `channels` at `pixels`², in `folder`.

    Raises:
        MissingExtraError: onnx is not installed.
    """
    return [
        _write(folder, "matrix product", "MatMul", (side, side), (side, side), side**3),
        _write(
            folder,
            "3x3 convolution",
            "Conv",
            (1, channels, pixels, pixels),
            (channels, channels, 3, 3),
            channels**2 * 9 * pixels**2,
        ),
    ]


def _write(
    folder: Path, name: str, operation: str, shape: tuple[int, ...], weight_shape: tuple[int, ...], macs: int
) -> Yardstick:
    try:
        import onnx
        from onnx import helper, numpy_helper
    except ImportError as error:
        raise MissingExtraError("The bench", "export") from error
    weight = np.random.default_rng(1).uniform(-1, 1, weight_shape).astype(np.float32)
    padded = {"pads": [1, 1, 1, 1]} if operation == "Conv" else {}
    graph = helper.make_graph(
        [helper.make_node(operation, ["x", "w"], ["y"], **padded)],
        name,
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(weight, "w")],
    )
    path = folder / f"{operation}.onnx"
    model = helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 20)])
    onnx.save(model, path)
    return Yardstick(name, path, shape, macs)
