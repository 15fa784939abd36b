"""The loop: it learns, it resumes exactly, it stops when the numbers do."""

from __future__ import annotations

import dataclasses
import json
import signal
from pathlib import Path

import pytest
import torch

pytest.importorskip("accelerate")

from accelerate import Accelerator
from accelerate.state import AcceleratorState

from multitoon.data.style_pictures import StylePictures
from multitoon.errors import TrainingError, UsageError
from multitoon.model.adapter import Adapter, AdapterConfig
from multitoon.model.backbone import Backbone
from multitoon.model.features import FeatureNetwork
from multitoon.model.toon import StyledBackbone
from multitoon.train.batch import PHOTO, Task
from multitoon.train.config import FeatureConfig, Phase, StyleCriticConfig, StyleTask, TrainConfig, Weights
from multitoon.train.critics import OBJECTIVES
from multitoon.train.feature_terms import FeatureTerms
from multitoon.train.log import RunLog
from multitoon.train.recipe import new_adapters, train
from tests.conftest import TINY, gradient, shaken

CRITIC = Weights(adversarial=0.02, features=0.5)
ALL = Weights(0.5, 0.5, 0.3, 0.2, 0.1, 0.02, 0.5, style=0.1, content=0.1, perceptual=0.1, gram=0.1)
LOOK = FeatureConfig(content="conv2_1", gram=("conv1_2",), gram_pool=3, every=2, batch=2, shrink=1)


def config(
    *phases: Phase, styles: tuple[str, ...] = ("ink", PHOTO), objective: str = "lsgan", **changes: object
) -> TrainConfig:
    tasks = tuple(StyleTask(style, target=None) for style in styles)
    critic = StyleCriticConfig(objective, widths=(4, 8))
    given = {"rank": 2, "border": 0, "critic_widths": (4, 8, 8), "ema": 0.9, "features": LOOK}
    return TrainConfig(tasks, phases, style_critic=critic, **given | changes)


@pytest.fixture
def paintings(tmp_path: Path) -> StylePictures:
    files = [tmp_path / f"painting{i}.png" for i in range(3)]
    for i, file in enumerate(files):
        gradient(40, 36, seed=i).save(file)
    return StylePictures(files, side=32)


def features() -> FeatureTerms:
    torch.manual_seed(5)
    return FeatureTerms(FeatureNetwork(("conv1_2", "conv2_1")), LOOK)


def pictures(style: str, paintings: StylePictures | None = None) -> Task:
    """Photos of noise at two scales, and as targets the same in negative."""
    generator = torch.Generator().manual_seed(1)
    coarse = torch.rand(6, 3, 8, 8, generator=generator).repeat_interleave(4, 2).repeat_interleave(4, 3)
    photos = (coarse * 200 + torch.rand(6, 3, 32, 32, generator=generator) * 50).to(torch.uint8)
    return Task(style, photos, photos if style == PHOTO else 255 - photos, paintings)


class Stop(Exception):
    """Raised in the middle of a run, as a power cut would be."""


def run(
    folder: Path,
    plan: TrainConfig,
    *,
    resume: bool = False,
    stop_at: int | None = None,
    every: int = 4,
    paintings: StylePictures | None = None,
    ctrl_c: bool = False,
):
    AcceleratorState._reset_state(True)
    torch.manual_seed(plan.seed)
    net = StyledBackbone(shaken(Backbone(TINY), 0))
    new_adapters(net, plan)
    log = RunLog(folder, torch.zeros(0, 3, 1, 1))
    losses: list[tuple[int, dict[str, float]]] = []
    record = log.record

    def spy(step, style, terms, optimizer, pictures):
        losses.append((step, terms))
        record(step, style, terms, optimizer, pictures)
        if step == stop_at:
            if not ctrl_c:
                raise Stop
            signal.raise_signal(signal.SIGINT)

    log.record = spy
    tasks = [pictures(task.style, paintings) for task in plan.tasks]
    try:
        net = train(
            net,
            tasks,
            plan,
            log,
            accelerator=Accelerator(cpu=True),
            features=features() if plan.need_features else None,
            checkpoint_every=every,
            resume=resume,
        )
    except (Stop, KeyboardInterrupt):
        return None, losses
    return net, losses


def test_resumed_losses_are_bit_equal_through_a_change_of_phase(tmp_path: Path) -> None:
    plan = config(Phase(6, crop=16, batch_size=2), Phase(6, crop=16, batch_size=2, weights=CRITIC))
    whole, losses = run(tmp_path / "whole", plan)
    run(tmp_path / "cut", plan, stop_at=9)
    resumed, rest = run(tmp_path / "cut", plan, resume=True)
    assert rest == losses[8:], "the last checkpoint is of step 8"
    for key, value in whole.state_dict().items():
        assert torch.equal(resumed.state_dict()[key], value), key


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_both_critics_and_the_kept_features_resume_bit_equal(
    tmp_path: Path, paintings: StylePictures, objective: str
) -> None:
    phases = (Phase(2, crop=16, batch_size=2), Phase(6, ALL, 16, 4, pool=3))
    plan = config(*phases, styles=("ink",), objective=objective)
    whole, losses = run(tmp_path / "whole", plan, every=3, paintings=paintings)
    run(tmp_path / "cut", plan, stop_at=6, every=3, paintings=paintings)
    resumed, rest = run(tmp_path / "cut", plan, resume=True, every=3, paintings=paintings)
    assert rest == losses[6:]
    assert {"style", "style_critic", "critic", "color", "detail"} <= rest[0][1].keys()
    assert {"gram", "content", "perceptual"} <= rest[0][1].keys(), "step 6 is one of every two"
    assert not {"gram", "content", "perceptual"} & rest[1][1].keys()
    for key, value in whole.state_dict().items():
        assert torch.equal(resumed.state_dict()[key], value), key


def test_muon_resumes_bit_equal(tmp_path: Path) -> None:
    plan = config(Phase(6, crop=16, batch_size=2), optimizer="muon")
    _, losses = run(tmp_path / "whole", plan)
    run(tmp_path / "cut", plan, stop_at=4)
    _, rest = run(tmp_path / "cut", plan, resume=True)
    assert rest == losses[4:]


def test_a_style_without_pictures_and_a_loss_without_features_are_said(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="there are no pictures") as caught:
        run(tmp_path, config(Phase(2, Weights(style=1), 16, 2)))
    assert "--style-images" in caught.value.hint


def test_ctrl_c_saves_and_says_how_to_go_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = config(Phase(6, crop=16, batch_size=2))
    _, losses = run(tmp_path / "whole", plan, every=100)
    run(tmp_path / "cut", plan, stop_at=3, every=100, ctrl_c=True)
    assert "Saved at step 4; go on with --resume-from-checkpoint latest" in capsys.readouterr().err
    _, rest = run(tmp_path / "cut", plan, resume=True, every=100)
    assert rest == losses[4:], "the step during which it happened was finished"


def test_the_style_is_learnt_and_the_photo_task_keeps_the_photo(tmp_path: Path) -> None:
    plan = config(Phase(160, crop=32, batch_size=4, rate=1e-2, final_rate=1e-3))
    net, losses = run(tmp_path, plan, every=1000)
    ink = [terms["distill"] for step, terms in losses if step % 2 == 0]
    assert sum(ink[-5:]) < 0.4 * sum(ink[:5])
    task = pictures("ink")
    x = task.photos.float() / 127.5 - 1
    with torch.no_grad():
        assert (net(x) - x).abs().mean() < (net(x, "ink") - x).abs().mean()


def test_a_frozen_backbone_stays_as_it_was(tmp_path: Path) -> None:
    plan = config(Phase(4, crop=16, batch_size=2, weights=CRITIC), styles=("ink",))
    AcceleratorState._reset_state(True)
    backbone = shaken(Backbone(TINY), 0).requires_grad_(False)
    before = {key: value.clone() for key, value in backbone.state_dict().items()}
    net = StyledBackbone(backbone)
    new_adapters(net, plan)
    fresh = {key: value.clone() for key, value in net.adapters.state_dict().items()}
    log = RunLog(tmp_path, torch.zeros(0, 3, 1, 1))
    trained = train(net, [pictures("ink")], plan, log, accelerator=Accelerator(cpu=True))
    for key, value in trained.backbone.state_dict().items():
        assert torch.equal(value, before[key]), key
    assert any(not torch.equal(value, fresh[key]) for key, value in trained.adapters.state_dict().items())


def test_frozen_statistics_do_not_move(tmp_path: Path) -> None:
    plan = config(Phase(3, crop=16, batch_size=2, freeze_statistics=True))
    net, _ = run(tmp_path, plan)
    reference = shaken(Backbone(TINY), 0)
    for name, unit in net.backbone.units().items():
        if unit.norm is not None:
            assert torch.equal(unit.norm.mean, reference.units()[name].norm.mean)


def test_a_loss_that_is_not_finite_stops_the_run_and_keeps_the_checkpoint(tmp_path: Path) -> None:
    plan = config(Phase(4, crop=16, batch_size=2), Phase(4, crop=16, batch_size=2, rate=float("inf")))
    with pytest.raises(TrainingError, match=r"the checkpoint of step 4 is kept"):
        run(tmp_path, plan)
    assert (tmp_path / "checkpoint").is_dir()


def test_nothing_to_resume_is_said(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="No checkpoint in"):
        run(tmp_path, config(Phase(2, crop=16, batch_size=2)), resume=True)


def test_log_and_samples(tmp_path: Path) -> None:
    plan = config(Phase(40, crop=16, batch_size=2))
    run(tmp_path, plan)
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [20, 40, 40]
    assert lines[2]["seconds/network"] > 0, "at the end: where the time went"
    assert lines[0]["pictures_per_second"] > 0
    assert lines[0]["rate"] > lines[1]["rate"]
    assert {"ink/distill", "ink/line", "photo/distill", "steps_per_second"} <= lines[0].keys()


def test_an_adapter_to_start_from_gets_the_numbers_of_the_run() -> None:
    net = StyledBackbone(shaken(Backbone(TINY), 0))
    start = {"hayao": shaken(Adapter(net.backbone, AdapterConfig("hayao", 2)), 1)}
    tasks = StyleTask("hayao", shades=0.7, paper=0.1), StyleTask("ink", shades=0.2, fade=0.9)
    plan = TrainConfig(tasks, (Phase(1),))
    new_adapters(net, plan, start)
    assert net.adapters["hayao"] is start["hayao"]
    of = {name: adapter.config for name, adapter in net.adapters.items()}
    assert {name: (c.shades, c.fade, c.paper) for name, c in of.items()} == {
        "hayao": (0.7, 0.0, 0.1),
        "ink": (0.2, 0.9, 0.0),
    }


@pytest.mark.parametrize("start", ["new", "from another"])
def test_a_backbone_that_adds_nothing_to_the_photo_refuses_a_fade_but_not_a_measured_one(start: str) -> None:
    net = StyledBackbone(shaken(Backbone(dataclasses.replace(TINY, add_photo=False)), 0))
    begin = {} if start == "new" else {"ink": Adapter(net.backbone, AdapterConfig("ink", 2))}
    task = StyleTask("ink", fade=0.5)
    with pytest.raises(UsageError, match="adds nothing to the photo"):
        new_adapters(net, TrainConfig((task,), (Phase(1),)), begin)
    new_adapters(net, TrainConfig((dataclasses.replace(task, measured_light=True),), (Phase(1),)), begin)
    assert net.adapters["ink"].config.fade == 0
