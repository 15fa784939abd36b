"""The training loop, from top to bottom: `train-backbone` and `train-adapter` differ in what is frozen.

A step takes one style, its photos and targets, and moves whatever is not frozen by the sum of the phase's
losses: toward the target (initialization on pairs), toward the photo in a feature network (content), toward
pictures of the style (Gram matrices, and a critic that learns to tell them from toons). All that a step
depends on is a function of the seed, the step and the saved state, so a run that was stopped anywhere goes on
as if it had not been; and of the whole batch, so that two processes give the losses of one.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

import torch
from accelerate import Accelerator
from torch import Tensor

from multitoon.color import rgb_to_yuv
from multitoon.errors import TrainingError
from multitoon.losses.color import color_loss
from multitoon.losses.detail import detail_loss, stroke_loss
from multitoon.losses.distill import distillation, line_distillation
from multitoon.losses.tv import total_variation
from multitoon.model.adapter import Adapter, AdapterConfig
from multitoon.model.norms import freeze_statistics
from multitoon.model.toon import StyledBackbone
from multitoon.train import critics
from multitoon.train.batch import PHOTO, Batch, Task, draw_batch
from multitoon.train.clock import Clock
from multitoon.train.config import TrainConfig, Weights
from multitoon.train.feature_terms import FeatureTerms
from multitoon.train.interrupt import Interrupt
from multitoon.train.log import RunLog
from multitoon.train.muon import MuonWithAdam
from multitoon.train.parallel import Team
from multitoon.train.state import RunState


@dataclasses.dataclass
class Players:
    """The networks and what moves them."""

    team: Team
    net: torch.nn.Module
    critic: torch.nn.Module
    style_critic: torch.nn.Module
    optimizer: torch.optim.Optimizer
    critic_optimizer: torch.optim.Optimizer
    style_optimizer: torch.optim.Optimizer
    features: FeatureTerms | None
    clock: Clock


def train(
    net: StyledBackbone,
    tasks: list[Task],
    config: TrainConfig,
    log: RunLog,
    *,
    accelerator: Accelerator,
    features: FeatureTerms | None = None,
    checkpoint_every: int = 500,
    resume: bool = False,
    on_checkpoint: Callable[[StyledBackbone, int], None] = lambda net, step: None,
) -> StyledBackbone:
    """Train what in `net` requires gradients; the averaged weights come back.

    `features` is needed where a phase has a loss that looks through them; `on_checkpoint` is called with the
    averaged weights and the step.

    Raises:
        TrainingError: a loss that is not finite (the last checkpoint is kept), nothing to resume, or a phase
            that needs pictures of the style or features where there are none.
        KeyboardInterrupt: Ctrl-C, once the step was finished and saved.
    """
    _require_inputs(tasks, config, features)
    players = _prepare(net, tasks, config, accelerator, features)
    state = RunState(accelerator, players.net, config, log.folder / "checkpoint")
    if resume:
        state.load()
    players.net.train()

    with Interrupt() as interrupt:
        for step in log.steps(state.step, config.total_steps):
            task = tasks[step % len(tasks)]
            terms = _step(players, task, config, step)
            if not all(math.isfinite(value) for value in terms.values()):
                bad = ", ".join(name for name, value in terms.items() if not math.isfinite(value))
                raise TrainingError(
                    f"Step {step}, {task.style}: {bad} is not finite ({terms}); the checkpoint of step "
                    f"{state.saved_step} is kept.",
                    "Lower the phase's rate, then go on with --resume-from-checkpoint latest.",
                )
            state.advance()
            log.record(step, task.style, terms, players.optimizer, config.phase_at(step)[0].batch_size)
            stop = players.team.any(interrupt.asked)
            if stop or state.step % checkpoint_every == 0 or state.step == config.total_steps:
                with players.clock("checkpoints"):
                    state.save()
                    if not stop:
                        log.sample(state.averaged, state.step)
                        on_checkpoint(state.averaged, state.step)
            if stop:
                log.say(f"Saved at step {state.step}; go on with --resume-from-checkpoint latest.")
                raise KeyboardInterrupt
    log.finish(players.clock, state.seconds)
    return state.averaged


def new_adapters(
    net: StyledBackbone, config: TrainConfig, start: Mapping[str, Adapter] = MappingProxyType({})
) -> None:
    """Give `net` an adapter for each style: that of `start` with the numbers of the run, or a new one."""
    for task in config.tasks:
        # What was measured suits any backbone; what was asked for is refused where it cannot be had.
        fade = task.fade if net.backbone.config.add_photo or not task.measured_light else 0.0
        numbers = {"shades": task.shades, "fade": fade, "paper": task.paper}
        if task.style in start:
            adapter = start[task.style]
            adapter.config = dataclasses.replace(adapter.config, **numbers)
            adapter.config.check_for(net.backbone)
            net.add_adapter(task.style, adapter)
        elif task.style != PHOTO:
            plan = AdapterConfig(task.style, config.rank, config.form, **numbers)
            net.add_adapter(task.style, Adapter(net.backbone, plan))


def _step(players: Players, task: Task, config: TrainConfig, step: int) -> dict[str, float]:
    """One update of the network, after one of each critic where the phase has it; the losses by name."""
    phase, phase_step = config.phase_at(step)
    weights, clock, team = phase.weights, players.clock, players.team
    freeze_statistics(players.net, phase.freeze_statistics)
    for group in players.optimizer.param_groups:
        group["lr"] = phase.rate_at(phase_step)

    with clock("crops"):
        batch = draw_batch(task, phase, config, step, team, players.features)
    with clock("network"):
        toon = players.net(batch.photo, None if task.style == PHOTO else {task.style: batch.strength})
        terms = _direct_terms(weights, toon, batch)
    losses = {}
    if (weights.adversarial or weights.features) and task.style != PHOTO:
        with clock("critics"):
            losses["critic"] = _critic_step(players, batch, toon.detach())
            with _Frozen(players.critic):
                terms |= critics.paired_terms(
                    weights, players.critic, task.style, toon, batch.target, batch.photo
                )
    if weights.style and batch.pictures is not None:
        with clock("critics"):
            losses["style_critic"] = _style_critic_step(players, config, batch, toon.detach())
            with _Frozen(players.style_critic):
                loss = critics.style_term(config.style_critic, players.style_critic, task.style, toon)
            terms["style"] = weights.style * loss
    if players.features is not None and players.features.wanted(step, weights):
        with clock("features"):
            terms |= players.features.terms(weights, toon, batch.target, batch.photo, batch.grams, batch.keys)

    if not terms:  # all of the phase's losses look through features, and this step does not
        return team.means(losses)
    with clock("backward"):
        players.optimizer.zero_grad(set_to_none=True)
        team.backward(sum(terms.values()), players.net)
        team.clip(players.net, 1.0)
        players.optimizer.step()
    return team.means(terms | losses)


def _prepare(
    net: StyledBackbone,
    tasks: list[Task],
    config: TrainConfig,
    accelerator: Accelerator,
    features: FeatureTerms | None,
) -> Players:
    styles = list(dict.fromkeys(task.style for task in tasks if task.style != PHOTO))
    paired, unpaired = critics.paired_critic(config, styles), critics.style_critic(config, styles)
    learnt = (p for p in net.parameters() if p.requires_grad)
    muon = config.optimizer == "muon"
    optimizers = (
        MuonWithAdam(learnt) if muon else torch.optim.Adam(learnt, betas=(0.9, 0.99)),
        torch.optim.Adam(paired.parameters(), lr=config.critic_rate, betas=(0.5, 0.9)),
        torch.optim.Adam(unpaired.parameters(), lr=config.style_critic.rate, betas=(0.5, 0.9)),
    )
    team = Team(accelerator)
    networks = (team.prepare(network) for network in (net, paired, unpaired))
    if features is not None:
        features.net.to(accelerator.device)
        features.processes = team.count
    return Players(team, *networks, *accelerator.prepare(*optimizers), features, Clock(accelerator.device))


def _direct_terms(weights: Weights, toon: Tensor, batch: Batch) -> dict[str, Tensor]:
    losses = {
        "distill": lambda: distillation(toon, batch.target),
        "line": lambda: line_distillation(toon, batch.target),
        "detail": lambda: detail_loss(toon, batch.target),
        "stroke": lambda: stroke_loss(toon, batch.target),
        "color": lambda: color_loss(toon, batch.colored),
        "tv": lambda: total_variation(rgb_to_yuv(toon)[:, 1:]),
    }
    shares = {name: getattr(weights, name) for name in losses}
    return {name: share * losses[name]() for name, share in shares.items() if share}


def _critic_step(players: Players, batch: Batch, toon: Tensor) -> Tensor:
    loss = critics.paired_loss(players.critic, batch.style, toon, batch.target, batch.photo)
    players.critic_optimizer.zero_grad(set_to_none=True)
    players.team.backward(loss, players.critic)
    players.critic_optimizer.step()
    return loss.detach()


def _style_critic_step(players: Players, config: TrainConfig, batch: Batch, toon: Tensor) -> Tensor:
    critic = players.style_critic
    loss = critics.style_loss(config.style_critic, critic, batch.style, batch.pictures, toon, batch.share)
    players.style_optimizer.zero_grad(set_to_none=True)
    players.team.backward(loss, critic)
    players.style_optimizer.step()
    return loss.detach()


class _Frozen:
    """Within it, no gradients are computed for a network's own weights."""

    def __init__(self, network: torch.nn.Module) -> None:
        self._network = network

    def __enter__(self) -> None:
        self._network.requires_grad_(False)

    def __exit__(self, *_: object) -> None:
        self._network.requires_grad_(True)


def _require_inputs(tasks: list[Task], config: TrainConfig, features: FeatureTerms | None) -> None:
    if config.need_style and not any(task.pictures for task in tasks):
        raise TrainingError(
            "The config has losses against pictures of the style (style, gram), and there are no pictures.",
            "Pass --style-images DIR.",
        )
    if config.need_features and features is None:
        raise TrainingError("The config has losses in a feature network, and there is none.")
