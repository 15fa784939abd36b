import sys
from collections import Counter

import pytest
import torch

from multitoon.config import load_config
from multitoon.errors import MissingExtraError
from multitoon.export.onnx import open_onnx, write_onnx
from multitoon.export.wrap import PhotoToToon
from multitoon.model.backbone import Backbone, BackboneConfig
from multitoon.model.merge import merge
from multitoon.presets import preset_path
from tests.export.conftest import photos

ON_PICTURES = {
    "Conv",
    "LeakyRelu",
    "Relu",
    "Resize",
    "Add",
    "Transpose",
    "Gather",
    "Concat",
    "Slice",
    "Clip",
    "Split",
    "Sin",
}
ON_SIZES = {"Shape", "Squeeze", "Range", "Mod", "Min", "Max", "Mul", "Sub", "Reshape", "Expand"}


@pytest.mark.parametrize("size", [(1, 1), (5, 130), (33, 47)])
def test_any_size(hayao_onnx, merged, size):
    x = photos(2, 3, *size)
    with torch.no_grad():
        reference = PhotoToToon(merged)(x)
    torch.testing.assert_close(open_onnx(hayao_onnx[0])(x), reference, rtol=0, atol=1e-4)


def test_the_default_backbone_is_convolutions_and_little_else(tmp_path):
    onnx = pytest.importorskip("onnx")
    network = merge(Backbone(load_config(BackboneConfig, preset_path("multitoon"))).eval())
    write_onnx(PhotoToToon(network).eval(), tmp_path / "net.onnx", {})
    nodes = Counter(node.op_type for node in onnx.load(tmp_path / "net.onnx").graph.node)
    assert set(nodes) <= ON_PICTURES | ON_SIZES
    assert nodes["Conv"] == len(network.units())
    assert nodes["Transpose"] == 2  # pixels are shuffled without `DepthToSpace`, which is slow
    assert nodes["Gather"] == 4  # the mirrored lines on four sides
    assert nodes["Slice"] == 2
    assert nodes["Concat"] == 2 + 3  # of the mirrored lines, and of sizes


def test_without_onnxscript(monkeypatch, merged, tmp_path):
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    with pytest.raises(MissingExtraError, match="Export to ONNX needs packages") as caught:
        write_onnx(PhotoToToon(merged), tmp_path / "net.onnx", {})
    assert caught.value.hint == "pip install 'multitoon[export]'"


def test_without_onnxruntime(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingExtraError, match="Running an ONNX file needs packages"):
        open_onnx(tmp_path / "net.onnx")
