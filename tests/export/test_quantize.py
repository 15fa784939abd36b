import json
import shutil
from collections import Counter

import pytest

from multitoon.errors import OutputError
from multitoon.export import parity
from multitoon.export.formats import FORMATS
from multitoon.export.single import export_style
from tests.conftest import gradient
from tests.export.conftest import photos

onnx = pytest.importorskip("onnx")


@pytest.fixture(scope="module")
def album(tmp_path_factory):
    folder = tmp_path_factory.mktemp("album")
    for i in range(6):
        gradient(80, 60 + i, seed=i).save(folder / f"{i}.png")
    return folder


@pytest.fixture(autouse=True)
def small(monkeypatch, hayao_onnx):
    monkeypatch.setattr(parity, "PHOTO_SIZES", ((24, 32), (33, 47), (64, 48)))
    monkeypatch.setattr("multitoon.export.quantize.SIZE", (64, 64))
    # The float file of another test, which took seconds to write.
    ready = FORMATS["onnx"]._replace(write=lambda module, path, facts: shutil.copy(hayao_onnx[0], path))
    monkeypatch.setitem(FORMATS, "onnx", ready)
    # Random weights leave their steps large; trained ones pass 0.02.
    monkeypatch.setitem(parity.LIMITS, "int8", parity.Limit("mean", 0.06))


def test_int8(tiny_home, tmp_path, album):
    path = tmp_path / "hayao.onnx"
    measured = export_style({"hayao": 1.0}, path, precision="int8", photos=album)
    assert measured.limit_on == "mean"
    assert 0 < measured.mean_difference <= measured.limit == 0.06
    report = json.loads((tmp_path / "hayao.onnx.parity.json").read_text())
    assert report["precision"] == "int8"
    assert report["calibration"] == "5 photos, measured on 1"
    assert report["mean_difference"] == measured.mean_difference < report["max_difference"]
    assert 20 < report["psnr"] < 80
    assert [part["size"] for part in report["sizes"]] == [[24, 32], [33, 47], [64, 48]]

    model = onnx.load(path)
    assert {entry.key: entry.value for entry in model.metadata_props}["style"] == "hayao:1"
    kinds = Counter(node.op_type for node in model.graph.node)
    producers = {name: node.op_type for node in model.graph.node for name in node.output}
    weights = [producers.get(node.input[1], "float") for node in model.graph.node if node.op_type == "Conv"]
    assert weights == ["float", *["DequantizeLinear"] * (kinds["Conv"] - 2), "float"]


def test_integer_kernels_do_not_overflow(tiny_home, tmp_path, album):
    path = tmp_path / "hayao.onnx"
    export_style({"hayao": 1.0}, path, precision="int8", photos=album)
    ort = pytest.importorskip("onnxruntime")
    toons = []
    for level in (ort.GraphOptimizationLevel.ORT_ENABLE_ALL, ort.GraphOptimizationLevel.ORT_DISABLE_ALL):
        options = ort.SessionOptions()
        options.graph_optimization_level = level
        session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        toons.append(session.run(None, {"photo": photos(1, 3, 48, 64).numpy()})[0])
    assert abs(toons[0] - toons[1]).mean() < 0.01  # 0.18 with 8 bits of weights and no VNNI


def test_over_the_limit(tiny_home, tmp_path, album, monkeypatch):
    monkeypatch.setitem(parity.LIMITS, "int8", parity.Limit("mean", 1e-6))
    with pytest.raises(OutputError, match=r"by .* \(mean\) on \[-1, 1\], more than 1e-06") as caught:
        export_style({"hayao": 1.0}, tmp_path / "x.onnx", precision="int8", photos=album)
    assert "Calibrate on more photos" in caught.value.hint
    assert list(tmp_path.iterdir()) == []
