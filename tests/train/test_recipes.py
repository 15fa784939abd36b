"""The shipped configs: they parse, hold their authors' weights, and each runs a few small steps."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import pytest

pytest.importorskip("accelerate")

from multitoon.config import load_config
from multitoon.data.style_pictures import StylePictures
from multitoon.presets import shipped
from multitoon.train.config import TrainConfig
from tests.train.test_recipe import LOOK, paintings, run

__all__ = ["paintings"]

CONFIGS = sorted([*shipped("configs").glob("recipe/*.yaml"), *shipped("configs").glob("style/*.yaml")])


def small(config: TrainConfig) -> TrainConfig:
    phases = tuple(
        dataclasses.replace(phase, steps=2, crop=16, batch_size=2, pool=min(phase.pool, 3))
        for phase in config.phases
    )
    units = {"unit": config.features.unit, "gram_unit": config.features.gram_unit}
    return dataclasses.replace(
        config,
        phases=phases,
        rank=2,
        border=0,
        critic_widths=(4, 8),
        style_critic=dataclasses.replace(config.style_critic, widths=(4, 8)),
        features=dataclasses.replace(LOOK, **units),
    )


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_each_config_runs_and_says_how(path: Path, tmp_path: Path, paintings: StylePictures) -> None:
    assert path.read_text().startswith("# ")
    assert "#   multitoon train-adapter --style" in path.read_text()
    plan = small(load_config(TrainConfig, path))
    _, losses = run(tmp_path, plan, every=100, paintings=paintings)
    assert len(losses) == 2 * len(plan.phases)
    assert all(math.isfinite(value) for _, terms in losses for value in terms.values())


@pytest.mark.parametrize(
    ("name", "objective", "weights"),
    [
        ("lwcomicgan", "wgan_gp", {"style": 350, "content": 2.5, "gram": 12.5, "color": 15}),
        ("animeganv2", "animegan", {"style": 300, "content": 1.5, "gram": 3, "color": 10}),
        ("toonification", "edge_promoting", {"style": 1, "content": 10}),
        ("lcgan", "lsgan", {"distill": 1, "perceptual": 1}),
    ],
)
def test_the_authors_weights(name: str, objective: str, weights: dict[str, float]) -> None:
    config = load_config(TrainConfig, shipped("configs") / "recipe" / f"{name}.yaml")
    last = config.phases[-1].weights
    assert {key: getattr(last, key) for key in last.used} == weights
    assert config.style_critic.objective == objective


@pytest.mark.parametrize("style", ["hayao", "paprika", "shinkai", "ink"])
def test_the_backbone_learns_the_targets_that_the_style_keeps(style: str) -> None:
    joint = load_config(TrainConfig, shipped("configs") / "train-backbone.yaml")
    (own,) = load_config(TrainConfig, shipped("configs") / "style" / f"{style}.yaml").tasks
    (shared,) = (task for task in joint.tasks if task.style == style)
    assert (shared.target, shared.shades, shared.fade) == (own.target, own.shades, own.fade)


def test_the_run_that_measures_the_stroke_loss_has_shinkais_target() -> None:
    (shipped_task,) = load_config(TrainConfig, shipped("configs") / "style" / "shinkai.yaml").tasks
    (measured,) = load_config(TrainConfig, shipped("configs") / "ablation" / "strokes.yaml").tasks
    assert (measured.target, measured.shades) == (shipped_task.target, shipped_task.shades)
