from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.conftest import gradient


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Three photos, none of them square."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for seed, size_wh in enumerate([(300, 270), (260, 280), (257, 256)]):
        gradient(*size_wh, seed=seed).save(folder / f"photo{seed}.png")
    return folder


def pictures(*shape: int, seed: int = 0) -> torch.Tensor:
    """Random smooth pictures with grain, (B, 3, H, W) float64 in [-1, 1]."""
    generator = torch.Generator().manual_seed(seed)
    patches = torch.rand(*shape[:2], 6, 6, dtype=torch.float64, generator=generator) * 1.6 - 0.8
    smooth = torch.nn.functional.interpolate(patches, shape[2:], mode="bicubic")
    return (smooth + 0.05 * torch.randn(*shape, dtype=torch.float64, generator=generator)).clamp(-1, 1)


def write_conv(
    path: Path,
    *,
    channels_last: bool = False,
    sides: tuple[str | int, str | int] = ("H", "W"),
    kind: str = "FLOAT",
) -> Path:
    """An ONNX file of one 3x3 convolution from 3 to 3 channels, with 84 parameters."""
    onnx = pytest.importorskip("onnx")
    helper = onnx.helper
    shape = ["B", *sides, 3] if channels_last else ["B", 3, *sides]
    weight = np.random.default_rng(0).normal(size=(3, 3, 3, 3)).astype(np.float32)
    nodes, source, target = [], "photo", "toon"
    if kind != "FLOAT":
        nodes.append(helper.make_node("Cast", [source], ["float"], to=onnx.TensorProto.FLOAT))
        source = "float"
    if channels_last:
        nodes.append(helper.make_node("Transpose", [source], ["first"], perm=[0, 3, 1, 2]))
        source = "first"
    nodes.append(helper.make_node("Conv", [source, "w", "b"], [target], pads=[1, 1, 1, 1]))
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("photo", getattr(onnx.TensorProto, kind), shape)],
        [helper.make_tensor_value_info("toon", onnx.TensorProto.FLOAT, ["B", 3, None, None])],
        [
            onnx.numpy_helper.from_array(weight, "w"),
            onnx.numpy_helper.from_array(np.zeros(3, np.float32), "b"),
        ],
    )
    onnx.save(helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 20)]), path)
    return path
