"""The training commands, end to end on a few small pictures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

pytest.importorskip("accelerate")

from accelerate.state import AcceleratorState

from multitoon.checkpoint import load_adapter, load_backbone
from multitoon.cli import main
from multitoon.config import to_dict
from tests.conftest import TINY, gradient

SMOKE = {
    "tasks": [{"style": "abstraction", "target": None}],
    "rank": 2,
    "phases": [{"steps": 3, "crop": 32, "batch_size": 2}],
    "critic_widths": [4, 8, 8],
}


@pytest.fixture(autouse=True)
def fresh_accelerate() -> None:
    AcceleratorState._reset_state(True)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for i in range(9):
        gradient(260, 258, seed=i).save(folder / f"{i}.png")
    return folder


def config(tmp_path: Path, **changes: object) -> str:
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(SMOKE | changes))
    return str(path)


def test_train_adapter_gives_a_style_that_loads(tiny_home: Path, photos: Path, tmp_path: Path) -> None:
    arguments = ["train-adapter", "--style", "abstraction", "--config", config(tmp_path), "--json"]
    result = CliRunner().invoke(main, [*arguments, "--photos", str(photos), "-o", str(tmp_path / "run")])
    assert result.exit_code == 0, result.stderr
    folder = Path(json.loads(result.stdout)["result"])
    adapter = load_adapter(folder, load_backbone(tiny_home / "backbone"))
    assert adapter.config.style == "abstraction"
    facts = json.loads((folder / "adapter_config.json").read_text())
    assert facts["training"]["steps"] == 3
    assert (tmp_path / "run/config.yaml").is_file()
    assert len(list((tmp_path / "run/samples").iterdir())) == 1

    drawn = sorted((tmp_path / "run/teacher/abstraction").rglob("*.png"))
    assert len(drawn) == 9
    before = [path.stat().st_mtime_ns for path in drawn]
    again = [*arguments, "--photos", str(photos), "-o", str(tmp_path / "run"), "--init-from", str(folder)]
    assert CliRunner().invoke(main, again).exit_code == 0
    assert [path.stat().st_mtime_ns for path in drawn] == before, "teacher's pictures are drawn once"


def test_train_backbone_gives_a_backbone_that_loads(photos: Path, tmp_path: Path) -> None:
    preset = tmp_path / "tiny.yaml"
    preset.write_text(yaml.safe_dump(to_dict(TINY)))
    tasks = [*SMOKE["tasks"], {"style": "photo", "target": None}]
    path = config(tmp_path, tasks=tasks, backbone=str(preset))
    arguments = ["train-backbone", "--config", path, "--photos", str(photos), "-o", str(tmp_path / "run")]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.stderr
    assert load_backbone(tmp_path / "run/backbone").config == TINY


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--set", "rnak=3"], "rnak: unknown key"),
        (["--resume-from-checkpoint", "latest"], "No checkpoint in"),
    ],
)
def test_mistakes_are_one_sentence(
    tiny_home: Path, photos: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    base = ["train-adapter", "--style", "abstraction", "--config", config(tmp_path)]
    result = CliRunner().invoke(
        main, [*base, "--photos", str(photos), "-o", str(tmp_path / "run"), *arguments]
    )
    assert result.exit_code == 1
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_a_folder_without_pictures_is_said(tiny_home: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    base = ["train-adapter", "--style", "abstraction", "--config", config(tmp_path)]
    result = CliRunner().invoke(
        main, [*base, "--photos", str(tmp_path / "empty"), "-o", str(tmp_path / "run")]
    )
    assert result.exit_code == 1
    assert "no pictures found" in result.stderr


def test_a_teacher_that_is_no_file_is_a_usage_error(photos: Path, tmp_path: Path) -> None:
    base = ["train-backbone", "--photos", str(photos), "-o", str(tmp_path / "run")]
    result = CliRunner().invoke(main, [*base, "--teacher", "hayao=nowhere.safetensors"])
    assert result.exit_code == 2
    assert "STYLE=FILE" in result.stderr
