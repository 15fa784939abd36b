"""Files of weights: what is written comes back; what does not fit is refused with one sentence."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from multitoon import checkpoint
from multitoon.checkpoint import (
    ADAPTER_CONFIG,
    ADAPTER_WEIGHTS,
    backbone_hash,
    load_adapter,
    load_backbone,
    save_adapter,
    shipped_styles,
)
from multitoon.errors import BackboneMismatchError, CheckpointError, UnknownNameError
from multitoon.lookup import find_adapter
from multitoon.model.adapter import Adapter, AdapterConfig
from multitoon.model.backbone import Backbone
from tests.conftest import TINY, shaken


@pytest.fixture
def home(tiny_home: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return shutil.copytree(tiny_home, tmp_path / "home")


def edit(path: Path, change) -> None:
    tensors = load_file(path)
    change(tensors)
    save_file(tensors, path)


def test_backbone_comes_back_bit_for_bit(home: Path) -> None:
    backbone = load_backbone(home / "backbone")
    again = shaken(Backbone(TINY).eval(), 0)
    for key, value in backbone.state_dict().items():
        assert value.shape == again.state_dict()[key].shape
    assert json.loads((home / "backbone/config.json").read_text())["sha256"] == backbone_hash(backbone)


def test_adapter_comes_back_within_fp16(home: Path, tmp_path: Path) -> None:
    backbone = load_backbone(home / "backbone")
    adapter = shaken(Adapter(backbone, AdapterConfig("new", 3, "series")), 5)
    save_adapter(adapter, tmp_path / "new", backbone, license="MIT")
    again = load_adapter(tmp_path / "new", backbone)
    assert again.config == adapter.config
    for key, value in adapter.state_dict().items():
        torch.testing.assert_close(again.state_dict()[key], value, rtol=1e-3, atol=1e-4)
    with safe_open(tmp_path / "new" / ADAPTER_WEIGHTS, "pt") as file:
        assert json.loads(file.metadata()["multitoon"])["backbone_sha256"] == backbone_hash(backbone)


def test_a_second_save_of_a_loaded_adapter_is_the_same_file(home: Path, tmp_path: Path) -> None:
    backbone = load_backbone(home / "backbone")
    save_adapter(load_adapter(home / "ink", backbone), tmp_path / "ink", backbone)
    assert (tmp_path / "ink" / ADAPTER_WEIGHTS).read_bytes() == (home / "ink" / ADAPTER_WEIGHTS).read_bytes()


def test_an_adapter_of_another_backbone_is_refused(home: Path) -> None:
    other = shaken(Backbone(TINY).eval(), 99)
    with pytest.raises(
        BackboneMismatchError, match=r"ink: made for the backbone tiny \w{12}, but this one is tiny \w{12}"
    ):
        load_adapter(home / "ink", other)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.pop(next(iter(t))), r"missing keys .*; unexpected keys none"),
        (lambda t: t.update(extra=torch.zeros(1)), r"missing keys none; unexpected keys extra"),
        (lambda t: t.update({next(iter(t)): torch.zeros(1, 2, 3)}), r"is \(1, 2, 3\), must be"),
        (lambda t: next(iter(t.values())).fill_(float("nan")), "not finite"),
    ],
)
def test_tensors_that_do_not_fit_are_refused(home: Path, change, message: str) -> None:
    backbone = load_backbone(home / "backbone")
    edit(home / "ink" / ADAPTER_WEIGHTS, change)
    with pytest.raises(CheckpointError, match=message):
        load_adapter(home / "ink", backbone)


@pytest.mark.parametrize("dtype", [torch.float64, torch.int32, torch.float8_e4m3fn])
def test_numbers_of_another_type_are_refused(home: Path, dtype: torch.dtype) -> None:
    backbone = load_backbone(home / "backbone")
    edit(home / "ink" / ADAPTER_WEIGHTS, lambda t: t.update({k: v.to(dtype) for k, v in t.items()}))
    with pytest.raises(CheckpointError, match="must be float32, float16 or bfloat16"):
        load_adapter(home / "ink", backbone)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"out": 10**9}, r"must be \(1000000000,"),
        ({"out": 10**18}, "cannot be built"),
        ({"repeat": 10**9}, r"a network of \d+ blocks; over 256 are not built"),
    ],
)
def test_a_config_that_asks_for_too_much_is_refused_unbuilt(home: Path, change: dict, message: str) -> None:
    path = home / "backbone" / "config.json"
    config = json.loads(path.read_text())
    config["backbone"]["encoder"][1] |= change
    path.write_text(json.dumps(config))
    with pytest.raises(CheckpointError, match=message):
        load_backbone(home / "backbone")


@pytest.mark.parametrize("text", ["[" * 200_000, " " * 2**21])
def test_json_that_is_a_trap_is_refused(home: Path, text: str) -> None:
    (home / "ink" / ADAPTER_CONFIG).write_text(text)
    with pytest.raises(CheckpointError, match=r"not JSON|are not read"):
        load_adapter(home / "ink", load_backbone(home / "backbone"))


def test_damaged_files_are_refused(home: Path) -> None:
    backbone = load_backbone(home / "backbone")
    weights = home / "ink" / ADAPTER_WEIGHTS
    weights.write_bytes(weights.read_bytes()[:-10])
    with pytest.raises(CheckpointError, match="damaged"):
        load_adapter(home / "ink", backbone)
    weights.unlink()
    with pytest.raises(CheckpointError, match="No such file"):
        load_adapter(home / "ink", backbone)
    (home / "ink" / ADAPTER_CONFIG).write_text("{")
    with pytest.raises(CheckpointError, match="not JSON"):
        load_adapter(home / "ink", backbone)


def test_styles_are_found_by_name_and_by_path(tiny_home: Path) -> None:
    assert shipped_styles() == ["hayao", "ink"]
    assert find_adapter("ink") == tiny_home / "ink"
    assert find_adapter(tiny_home / "ink") == tiny_home / "ink"
    with pytest.raises(UnknownNameError, match="Unknown style 'inc'; known: hayao, ink") as caught:
        find_adapter("inc")
    assert caught.value.hint == "Did you mean 'ink'?"
    with pytest.raises(CheckpointError, match="no adapter there"):
        find_adapter(tiny_home / "backbone")


def test_nothing_is_left_when_writing_fails(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backbone = load_backbone(home / "backbone")
    before = (home / "ink" / ADAPTER_WEIGHTS).read_bytes()

    def full(self: Path, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        save_adapter(load_adapter(home / "ink", backbone), home / "ink", backbone)
    assert (home / "ink" / ADAPTER_WEIGHTS).read_bytes() == before
    assert sorted(p.name for p in (home / "ink").iterdir()) == [ADAPTER_CONFIG, ADAPTER_WEIGHTS]


def test_of_two_homes_with_the_same_style_the_first_wins(tmp_path):
    for home in ("a", "b"):
        (tmp_path / home / "ink").mkdir(parents=True)
        (tmp_path / home / "ink" / checkpoint.ADAPTER_CONFIG).write_text("{}")
    first, second = tmp_path / "b", tmp_path / "a"
    assert checkpoint.styles_in([first, second]) == {"ink": first / "ink"}
    assert checkpoint.styles_in([second, first]) == {"ink": second / "ink"}
