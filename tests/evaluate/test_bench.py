import sys

import pytest

from multitoon.errors import MissingExtraError, UsageError
from multitoon.evaluate import memory
from multitoon.evaluate.bench import bench
from multitoon.evaluate.contender import load_contender
from multitoon.evaluate.runtime import open_session, run
from multitoon.evaluate.yardstick import write_yardsticks
from tests.evaluate.conftest import write_conv

pytest.importorskip("onnxruntime")


def test_bench(tmp_path):
    contenders = [
        load_contender(write_conv(tmp_path / "ours.onnx")),
        load_contender(write_conv(tmp_path / "peer.onnx", channels_last=True)),
    ]
    lines = []
    result = bench(contenders, [(32, 48)], threads=1, rounds=3, talk=lines.append)
    assert lines[0] == "48x32: 2 + 3 rounds of 2 networks"
    ours, peer = result.timings
    assert (ours.name, ours.size, ours.times_first) == ("ours", (32, 48), 1)
    assert peer.times_first == pytest.approx(peer.milliseconds / ours.milliseconds)
    assert 0 < ours.fastest <= ours.milliseconds
    assert ours.gmac == 81 * 32 * 48 / 1e9
    assert ours.gflops == pytest.approx(2e3 * ours.gmac / ours.milliseconds)
    assert ours.share_of_limit == ours.gflops / max(result.gflops.values())
    assert ours.peak_megabytes is None or 20 < ours.peak_megabytes < 2000
    assert result.models[0].parameters == 84
    assert result.models[0].megabytes == contenders[0].path.stat().st_size / 1e6
    assert set(result.gflops) == {"matrix product", "3x3 convolution"}


def test_refuses(tmp_path):
    net = load_contender(write_conv(tmp_path / "net.onnx"))
    with pytest.raises(UsageError, match="at least one network"):
        bench([], [(8, 8)])
    with pytest.raises(UsageError, match="Two networks of one name: net, net"):
        bench([net, net], [(8, 8)])


def test_yardsticks_are_what_they_say(tmp_path):
    for yard in write_yardsticks(tmp_path, side=8, channels=4, pixels=6):
        assert run(open_session(yard.path, 1), yard.array()).shape == yard.shape
    product, convolution = write_yardsticks(tmp_path, side=8, channels=4, pixels=6)
    assert product.macs == 8**3
    assert convolution.macs == 4 * 4 * 9 * 36


def test_memory_is_unknown_without_the_systems_account(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "STATUS", tmp_path / "none")
    assert memory.peak_megabytes(tmp_path / "net.onnx", (8, 8), 1) is None


def test_without_onnxruntime(tmp_path, monkeypatch):
    path = write_conv(tmp_path / "net.onnx")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingExtraError, match="Running ONNX files needs packages that are not installed"):
        load_contender(path)
