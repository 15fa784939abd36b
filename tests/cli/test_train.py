"""The training commands, end to end on a few small pictures."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import pytest
import torch
import yaml
from click.testing import CliRunner
from safetensors.torch import save_file

pytest.importorskip("accelerate")

from accelerate.state import AcceleratorState

from multitoon.checkpoint import load_adapter, load_backbone
from multitoon.cli import main
from multitoon.config import to_dict
from multitoon.model.features import FeatureNetwork
from multitoon.train.figures import READABLE
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


@pytest.fixture
def paintings(tmp_path: Path) -> Path:
    folder = tmp_path / "paintings"
    folder.mkdir()
    for i in range(4):
        gradient(90, 80, seed=20 + i).rotate(90 * i).save(folder / f"{i}.png")
    return folder


@pytest.fixture
def vgg(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    file = tmp_path / "vgg.safetensors"
    save_file(FeatureNetwork(("conv2_1",)).body.state_dict(), file)
    return file


STYLE_RUN = {
    "tasks": [{"style": "any", "pairs": "ink", "target": None}],
    "border": 4,
    "phases": [{"steps": 2, "crop": 32, "batch_size": 2, "pool": 2, "weights": {"style": 1, "gram": 1}}],
    "features": {"content": "conv2_1", "gram": ["conv1_2"], "every": 1, "shrink": 1},
}


def test_a_style_from_a_folder(
    tiny_home: Path,
    photos: Path,
    paintings: Path,
    vgg: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("multitoon.train.figures.STYLE_CROPS", 2)
    monkeypatch.setattr("multitoon.train.figures.SIDE", 48)
    base = ["train-adapter", "--style", "mine", "--config", config(tmp_path, **STYLE_RUN), "--json"]
    base += ["--style-images", str(paintings), "--photos", str(photos), "--feature-weights", str(vgg)]
    base += ["--report-to", "tensorboard"] if importlib.util.find_spec("tensorboard") else []
    result = CliRunner().invoke(main, [*base, "-o", str(tmp_path / "run")])
    assert result.exit_code == 0, result.stderr
    assert "warning: " in result.stderr, "nine photos and four paintings are few: the doctor says so"
    assert "time went to" in result.stderr
    adapter = load_adapter(tmp_path / "run/mine", load_backbone(tiny_home / "backbone"))
    assert adapter.config.style == "mine"
    best = json.loads((tmp_path / "run/best/figures.json").read_text())
    over = max(0, best["content_distance"] - READABLE)
    assert best["score"] == pytest.approx(best["style_distance"] + over, abs=1e-3)
    load_adapter(tmp_path / "run/best", load_backbone(tiny_home / "backbone"))
    log = [json.loads(line) for line in (tmp_path / "run/log.jsonl").read_text().splitlines()]
    assert any("figures/style_distance" in line for line in log)
    if "--report-to" in base:
        assert list((tmp_path / "run").rglob("events.out.tfevents*"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "it ignores --style-images"),
        (STYLE_RUN | {"features": {"content": "conv4_4"}}, r"conv4_4|features\.7\.weight is missing"),
    ],
)
def test_what_does_not_fit_a_style_is_said(
    tiny_home: Path, photos: Path, paintings: Path, vgg: Path, tmp_path: Path, changes: dict, message: str
) -> None:
    base = ["train-adapter", "--style", "mine", "--config", config(tmp_path, **changes), "--skip-doctor"]
    base += ["--style-images", str(paintings), "--photos", str(photos), "--feature-weights", str(vgg)]
    result = CliRunner().invoke(main, [*base, "-o", str(tmp_path / "run")])
    assert result.exit_code == 1
    assert re.search(message, result.stderr)
    assert "Traceback" not in result.stderr


def test_the_doctor_stops_a_training(tiny_home: Path, photos: Path, paintings: Path, tmp_path: Path) -> None:
    (paintings / "cut.png").write_bytes((paintings / "0.png").read_bytes()[:500])
    base = ["train-adapter", "--style", "mine", "--config", config(tmp_path, **STYLE_RUN)]
    base += ["--style-images", str(paintings), "--photos", str(photos), "-o", str(tmp_path / "run")]
    result = CliRunner().invoke(main, base)
    assert result.exit_code == 1
    assert "can't be read" in result.stderr
    assert "multitoon doctor" in result.stderr


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


def test_a_tracker_that_is_missing_is_said(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "wandb" else found(name))
    base = ["train-adapter", "--style", "abstraction", "--config", config(tmp_path)]
    base += ["--photos", str(photos), "--report-to", "wandb", "-o", str(tmp_path / "run")]
    result = CliRunner().invoke(main, base)
    assert result.exit_code == 2
    assert "pip install wandb" in result.stderr
    assert not (tmp_path / "run").exists()


def test_a_folder_without_pictures_is_said(tiny_home: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    base = ["train-adapter", "--style", "abstraction", "--config", config(tmp_path)]
    result = CliRunner().invoke(
        main, [*base, "--photos", str(tmp_path / "empty"), "-o", str(tmp_path / "run")]
    )
    assert result.exit_code == 1
    assert "holds no pictures" in result.stderr


def test_a_teacher_that_is_no_file_is_a_usage_error(photos: Path, tmp_path: Path) -> None:
    base = ["train-backbone", "--photos", str(photos), "-o", str(tmp_path / "run")]
    result = CliRunner().invoke(main, [*base, "--teacher", "hayao=nowhere.safetensors"])
    assert result.exit_code == 2
    assert "STYLE=FILE" in result.stderr
