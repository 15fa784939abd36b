"""The training loop, from top to bottom: `train-backbone` and `train-adapter` differ in what is frozen.

A step takes one style, its photos and targets, and moves whatever is not frozen toward the target; once a
phase asks for it, a critic learns to tell the targets from the toons, and the toons learn to pass.
Everything that a step depends on is a function of the seed, the step and the saved state, so a run that
was stopped anywhere goes on as if it had not been.
"""

from __future__ import annotations

import dataclasses
import math

import torch
from accelerate import Accelerator
from torch import Tensor

from multitoon.color import rgb_to_yuv
from multitoon.data.sampler import paired_crops, step_generator
from multitoon.errors import TrainingError
from multitoon.image import pixels_to_float
from multitoon.losses.adversarial import feature_matching, lsgan_discriminator, lsgan_generator
from multitoon.losses.color import color_loss
from multitoon.losses.distill import distillation, line_distillation
from multitoon.losses.tv import total_variation
from multitoon.model.adapter import MAX_STRENGTH, Adapter, AdapterConfig
from multitoon.model.discriminator import PatchDiscriminator
from multitoon.model.norms import freeze_statistics
from multitoon.model.toon import StyledBackbone
from multitoon.train.config import Phase, TrainConfig, Weights
from multitoon.train.log import RunLog
from multitoon.train.state import RunState

PHOTO = "photo"
"""The task of the backbone alone: give the photo back."""


@dataclasses.dataclass(frozen=True)
class Task:
    """A style with its pictures, uint8 (N, 3, H, W) each, in the same order."""

    style: str
    photos: Tensor
    targets: Tensor


@dataclasses.dataclass
class Players:
    """The two networks and what moves them, prepared by accelerate."""

    accelerator: Accelerator
    net: torch.nn.Module
    critic: torch.nn.Module
    optimizer: torch.optim.Optimizer
    critic_optimizer: torch.optim.Optimizer


def train(
    net: StyledBackbone,
    tasks: list[Task],
    config: TrainConfig,
    log: RunLog,
    *,
    accelerator: Accelerator,
    checkpoint_every: int = 500,
    resume: bool = False,
) -> StyledBackbone:
    """Train what in `net` requires gradients; the averaged weights come back.

    Raises:
        TrainingError: a loss that is not finite (the last checkpoint is kept), or nothing to resume.
    """
    players = _prepare(net, tasks, config, accelerator)
    state = RunState(accelerator, players.net, config, log.folder / "checkpoint")
    if resume:
        state.load()
    players.net.train()

    try:
        for step in log.steps(state.step, config.total_steps):
            task = tasks[step % len(tasks)]
            terms = _step(players, task, config, step)
            if not all(math.isfinite(value) for value in terms.values()):
                raise TrainingError(
                    f"Step {step}, {task.style}: {terms}; the checkpoint of step {state.saved_step} is kept.",
                    "Lower the phase's rate, then go on with --resume-from-checkpoint latest.",
                )
            state.advance()
            log.record(step, task.style, terms, players.optimizer)
            if state.step % checkpoint_every == 0 or state.step == config.total_steps:
                state.save()
                log.sample(state.averaged, state.step)
    except KeyboardInterrupt:
        state.save()
        log.say(f"Saved at step {state.step}; go on with --resume-from-checkpoint latest.")
        raise
    return state.averaged


def new_adapters(net: StyledBackbone, config: TrainConfig) -> None:
    """Give `net` a fresh adapter for each style of the run."""
    for task in config.tasks:
        if task.style != PHOTO:
            adapter = Adapter(net.backbone, AdapterConfig(task.style, config.rank, config.form))
            net.add_adapter(task.style, adapter)


def _step(players: Players, task: Task, config: TrainConfig, step: int) -> dict[str, float]:
    """One update of the network, after one of the critic where the phase has it; the losses by name."""
    phase, phase_step = config.phase_at(step)
    freeze_statistics(players.net, phase.freeze_statistics)
    for group in players.optimizer.param_groups:
        group["lr"] = phase.rate_at(phase_step)

    generator = step_generator(config.seed, step)
    photo, target = _batch(task, phase, config, generator, players.accelerator)
    strength = _strength(phase, generator)
    target = (photo + strength * (target - photo)).clamp(-1, 1)
    toon = players.net(photo, None if task.style == PHOTO else {task.style: strength})
    terms = _direct_terms(phase.weights, toon, target, photo)
    critic_loss = {}
    if (phase.weights.adversarial or phase.weights.features) and task.style != PHOTO:
        critic_loss = {"critic": _critic_step(players, task.style, toon.detach(), target, photo)}
        terms |= _critic_terms(phase.weights, players.critic, task.style, toon, target, photo)

    players.optimizer.zero_grad(set_to_none=True)
    players.accelerator.backward(sum(terms.values()))
    players.accelerator.clip_grad_norm_(players.net.parameters(), 1.0)
    players.optimizer.step()
    return {name: value.item() for name, value in (terms | critic_loss).items()}


def _prepare(
    net: StyledBackbone, tasks: list[Task], config: TrainConfig, accelerator: Accelerator
) -> Players:
    styles = dict.fromkeys(task.style for task in tasks if task.style != PHOTO)
    critic = StyledCritic(PatchDiscriminator(config.critic_widths), list(styles), config.rank)
    optimizer = torch.optim.Adam((p for p in net.parameters() if p.requires_grad), betas=(0.9, 0.99))
    critic_optimizer = torch.optim.Adam(critic.parameters(), lr=config.critic_rate, betas=(0.5, 0.9))
    return Players(accelerator, *accelerator.prepare(net, critic, optimizer, critic_optimizer))


class StyledCritic(torch.nn.Module):
    """The shared critic with a residual adapter for each style."""

    def __init__(self, discriminator: PatchDiscriminator, styles: list[str], rank: int) -> None:
        super().__init__()
        self.discriminator = discriminator
        self.adapters = torch.nn.ModuleDict(
            {style: Adapter(discriminator, AdapterConfig(style, rank)) for style in styles}
        )

    def forward(self, style: str, toon: Tensor, photo: Tensor) -> tuple[list[Tensor], Tensor]:
        return self.discriminator(toon, photo, self.adapters[style])


def _batch(
    task: Task, phase: Phase, config: TrainConfig, generator: torch.Generator, accelerator: Accelerator
) -> tuple[Tensor, Tensor]:
    """This process's share of the step's crops, float [-1, 1]."""
    pictures = (task.photos, task.targets)
    crops = paired_crops(pictures, phase.batch_size, phase.crop, config.border, generator)
    mine = slice(accelerator.process_index, None, accelerator.num_processes)
    photo, target = (pixels_to_float(c[mine].to(accelerator.device)) for c in crops)
    return photo, target


def _strength(phase: Phase, generator: torch.Generator) -> float:
    varies, share = torch.rand(2, generator=generator).tolist()
    return MAX_STRENGTH * share if varies < phase.vary_strength else 1.0


def _direct_terms(weights: Weights, toon: Tensor, target: Tensor, photo: Tensor) -> dict[str, Tensor]:
    losses = {
        "distill": lambda: distillation(toon, target),
        "line": lambda: line_distillation(toon, target),
        "color": lambda: color_loss(toon, photo),
        "tv": lambda: total_variation(rgb_to_yuv(toon)[:, 1:]),
    }
    shares = {name: getattr(weights, name) for name in losses}
    return {name: share * losses[name]() for name, share in shares.items() if share}


def _critic_step(players: Players, style: str, toon: Tensor, target: Tensor, photo: Tensor) -> Tensor:
    critic = players.critic.requires_grad_(True)
    loss = lsgan_discriminator(critic(style, target, photo)[1], critic(style, toon, photo)[1])
    players.critic_optimizer.zero_grad(set_to_none=True)
    players.accelerator.backward(loss)
    players.critic_optimizer.step()
    return loss.detach()


def _critic_terms(
    weights: Weights, critic: torch.nn.Module, style: str, toon: Tensor, target: Tensor, photo: Tensor
) -> dict[str, Tensor]:
    critic.requires_grad_(False)
    real_maps, _ = critic(style, target, photo)
    fake_maps, fake_score = critic(style, toon, photo)
    return {
        "adversarial": weights.adversarial * lsgan_generator(fake_score),
        "features": weights.features * feature_matching(real_maps, fake_maps),
    }
