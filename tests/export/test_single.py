import json

import pytest
import torch

from multitoon.errors import OutputError, UnknownNameError, UsageError
from multitoon.export import parity
from multitoon.export.formats import FORMATS
from multitoon.export.pt2 import METADATA
from multitoon.export.single import export_style
from multitoon.export.wrap import Contract
from tests.export.conftest import photos


def test_onnx_says_what_it_is(hayao_onnx):
    onnxruntime = pytest.importorskip("onnxruntime")
    path, measured = hayao_onnx
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    facts = session.get_modelmeta().custom_metadata_map
    assert facts["style"] == "hayao:1"
    assert (facts["layout"], facts["range"], facts["channels"]) == ("nchw", "[-1, 1]", "RGB")
    assert (facts["license"], facts["precision"]) == ("MIT", "fp32")
    assert len(facts["backbone_sha256"]) == 64
    assert facts["adapter_sha256"].startswith("hayao:")
    assert session.get_inputs()[0].shape[1] == 3
    report = json.loads((path.parent / "hayao.onnx.parity.json").read_text())
    assert report["max_difference"] == measured.max_difference <= report["limit"] == 1e-4
    assert [part["size"] for part in report["sizes"]] == [list(size) for size in parity.SIZES]
    assert sorted(p.name for p in path.parent.iterdir()) == ["hayao.onnx", "hayao.onnx.parity.json"]


def test_pt2_of_a_mix_in_half_precision(tiny_home, tmp_path):
    path = tmp_path / "mix.pt2"
    contract = Contract("uint8", "nhwc")
    measured = export_style(
        {"hayao": 0.6, str(tiny_home / "ink"): 0.4}, path, format="pt2", precision="fp16", contract=contract
    )
    assert measured.holds
    extra = {METADATA: ""}
    network = torch.export.load(path, extra_files=extra).module()
    facts = json.loads(extra[METADATA])
    assert facts["style"] == "hayao:0.6,ink:0.4"
    assert facts["range"] == "[0, 255]"
    assert network(contract.apply(photos(1, 3, 7, 9))).shape == (1, 7, 9, 3)


def test_over_the_limit_is_an_error_and_no_file(tiny_home, tmp_path, monkeypatch):
    def write(module, path, metadata):
        path.write_bytes(b"a network that draws white")

    white = FORMATS["pt2"]._replace(write=write, read=lambda path: torch.ones_like)
    monkeypatch.setitem(FORMATS, "pt2", white)
    with pytest.raises(
        OutputError, match=r"would differ from the merged network by .* more than 0\.01"
    ) as caught:
        export_style({"ink": 1.0}, tmp_path / "ink.pt2", format="pt2", precision="fp16")
    assert caught.value.hint == "Export it with --precision fp32."
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tiny_home, tmp_path):
    path = tmp_path / "hayao.onnx"
    path.write_bytes(b"mine")
    with pytest.raises(OutputError, match=r"hayao\.onnx exists already"):
        export_style({"hayao": 1.0}, path)
    assert path.read_bytes() == b"mine"


def test_bound_to_one_size(tiny_home, tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime")
    path = tmp_path / "hayao.onnx"
    measured = export_style({"hayao": 1.0}, path, contract=Contract(size=(50, 70)))
    assert [part.size for part in measured.sizes] == [(50, 70)]
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    assert session.get_inputs()[0].shape[1:] == [3, 50, 70]
    assert isinstance(session.get_inputs()[0].shape[0], str)  # the batch stays open
    assert session.get_modelmeta().custom_metadata_map["size"] == "50x70"


def test_unknown_names(tiny_home, tmp_path):
    with pytest.raises(
        UnknownNameError, match="Unknown export format 'onx'; known: executorch, onnx, pt2, safetensors"
    ):
        export_style({"hayao": 1.0}, tmp_path / "x", format="onx")
    with pytest.raises(UnknownNameError, match="Unknown export precision 'int4'"):
        export_style({"hayao": 1.0}, tmp_path / "x", precision="int4")
    with pytest.raises(UnknownNameError, match="Unknown style 'oil'"):
        export_style({"oil": 1.0}, tmp_path / "x")
    with pytest.raises(UsageError, match="Two adapters of one name: ink, ink"):
        export_style({"ink": 0.5, str(tiny_home / "ink"): 0.5}, tmp_path / "x")
