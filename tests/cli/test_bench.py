import json

import pytest
import yaml

from multitoon.config import to_dict
from tests.conftest import TINY
from tests.evaluate.conftest import write_conv


def test_backbone_against_a_folder(run, tmp_path):
    pytest.importorskip("onnxruntime")
    preset = tmp_path / "tiny.yaml"
    preset.write_text(yaml.safe_dump(to_dict(TINY)))
    (tmp_path / "peers").mkdir()
    write_conv(tmp_path / "peers" / "conv.onnx")
    words = ("--against", tmp_path / "peers", "--sizes", "32x24", "--threads", 1, "--rounds", 1)
    result = run("bench", "--backbone", preset, *words, "--json")
    assert result.exit_code == 0, result.stderr
    report = json.loads(result.stdout)
    assert [timing["name"] for timing in report["timings"]] == ["tiny", "conv"]
    assert report["timings"][0]["size"] == [24, 32]
    assert report["models"][1]["parameters"] == 84


def test_several_of_our_own(run, tiny_home):
    pytest.importorskip("onnxruntime")
    words = ("--style", "hayao", "--style", "ink", "--sizes", "32", "--threads", 1, "--rounds", 1)
    result = run("bench", *words)
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["NETWORK", "hayao", "ink"]
    assert "GFLOP/S" in lines[0]


def test_usage(run):
    result = run("bench", "--style", "hayao", "--backbone", "multitoon")
    assert result.exit_code == 2
    assert "exclude each other" in result.stderr
    result = run("bench", "--sizes", "512,huge")
    assert result.exit_code == 2
    assert "'huge' should be a side, WIDTHxHEIGHT, or one of 1080p, 720p" in result.stderr
