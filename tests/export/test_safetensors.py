import json

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from multitoon.errors import CheckpointError, ConfigError
from multitoon.export.safetensors import KEY, load_merged
from multitoon.export.single import export_style
from tests.export.conftest import photos


@pytest.fixture
def file(tiny_home, tmp_path):
    path = tmp_path / "hayao.safetensors"
    assert export_style({"hayao": 1.0}, path, format="safetensors").max_difference == 0
    return path


def test_it_draws_what_the_merged_one_draws(file, merged):
    x = photos(2, 3, 32, 40)
    network = load_merged(file)
    with torch.no_grad():
        assert torch.equal(network(x), merged(x))
    assert not any(unit.norm for unit in network.units().values())


def test_plain_tensors_and_facts(file):
    assert all(key.endswith((".conv.weight", ".conv.bias")) for key in load_file(file))
    with safe_open(file, "pt") as opened:
        header = json.loads(opened.metadata()[KEY])
    assert header["metadata"]["style"] == "hayao:1"
    assert header["network"]["norm"] == "none"


def test_half_precision_is_half_the_file(file, tiny_home, tmp_path):
    half = tmp_path / "half.safetensors"
    export_style({"hayao": 1.0}, half, format="safetensors", precision="fp16")
    assert {value.dtype for value in load_file(half).values()} == {torch.float16}
    assert {value.dtype for value in load_merged(half).state_dict().values()} == {torch.float32}


def test_files_of_another_kind(file, tmp_path):
    with pytest.raises(CheckpointError, match="No such file"):
        load_merged(tmp_path / "none.safetensors")
    (tmp_path / "text.safetensors").write_text("hello")
    with pytest.raises(CheckpointError, match="damaged or not a safetensors file"):
        load_merged(tmp_path / "text.safetensors")
    save_file({"a": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(CheckpointError, match="no merged network of multitoon"):
        load_merged(tmp_path / "other.safetensors")
    with safe_open(file, "pt") as opened:
        header = opened.metadata()
    tensors = load_file(file)
    tensors.popitem()
    save_file(tensors, tmp_path / "short.safetensors", header)
    with pytest.raises(CheckpointError, match="its tensors are not those of its network"):
        load_merged(tmp_path / "short.safetensors")


def test_shades_and_fade_come_along_and_older_files_have_none(file, tmp_path):
    assert (load_merged(file).shades, load_merged(file).fade) == (0.5, 0.25)
    with safe_open(file, "pt") as opened:
        header = json.loads(opened.metadata()[KEY])
    del header["shades"], header["fade"]
    save_file(load_file(file), tmp_path / "older.safetensors", {KEY: json.dumps(header)})
    older = load_merged(tmp_path / "older.safetensors")
    assert (older.shades, older.fade) == (0, 0)


def test_a_network_with_an_unknown_key_says_which(file, tmp_path):
    with safe_open(file, "pt") as opened:
        header = json.loads(opened.metadata()[KEY])
    header["network"]["colour"] = 1
    save_file(load_file(file), tmp_path / "odd.safetensors", {KEY: json.dumps(header)})
    with pytest.raises(ConfigError, match="colour"):
        load_merged(tmp_path / "odd.safetensors")
