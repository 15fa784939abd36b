import json

import numpy as np
import pytest

from multitoon.errors import CheckpointError, UsageError
from multitoon.evaluate.contender import count_macs, load_contender
from multitoon.evaluate.runtime import open_session, run
from tests.evaluate.conftest import write_conv

pytest.importorskip("onnxruntime")


def test_channels_first(tmp_path):
    net = load_contender(write_conv(tmp_path / "net.onnx"))
    assert (net.name, net.parameters, net.multiple, net.range) == ("net", 84, 1, (-1, 1))
    picture = net.picture((5, 7))
    assert picture.shape == (1, 3, 5, 7)
    assert picture.dtype == np.float32
    assert picture.min() < -0.9
    assert run(open_session(net.path, 1), picture).shape == (1, 3, 5, 7)
    assert count_macs(net, (5, 7)) == 81 * 35


def test_channels_last_and_bytes(tmp_path):
    net = load_contender(write_conv(tmp_path / "net.onnx", channels_last=True, kind="UINT8"), "ours")
    assert (net.name, net.range) == ("ours", (0, 255))
    picture = net.picture((5, 7))
    assert picture.shape == (1, 5, 7, 3)
    assert picture.dtype == np.uint8
    assert picture.max() > 200
    assert count_macs(net, (5, 7)) == 81 * 35


def test_the_contract_beside_it(tmp_path):
    path = write_conv(tmp_path / "net.onnx")
    contracts = tmp_path / "contracts.json"
    contracts.write_text(json.dumps({"net.onnx": {"range": [0, 1], "multiple": 8, "channels": "BGR"}}))
    net = load_contender(path)
    assert net.size_for((9, 16)) == (16, 16)
    assert net.bgr
    picture = net.picture((9, 16))
    assert picture.shape == (1, 3, 16, 16)
    assert 0 <= picture.min() < picture.max() <= 1
    contracts.write_text("[1]")
    with pytest.raises(CheckpointError, match=r"contracts\.json: not a JSON object of contracts"):
        load_contender(path)


def test_refuses(tmp_path):
    with pytest.raises(UsageError, match="is bound to pictures of 64 x W"):
        load_contender(write_conv(tmp_path / "net.onnx", sides=(64, "W")))
    (tmp_path / "text.onnx").write_text("no network")
    for name in ("text.onnx", "none.onnx"):
        with pytest.raises(CheckpointError, match=rf"{name}: not a file that ONNX Runtime opens"):
            load_contender(tmp_path / name)
