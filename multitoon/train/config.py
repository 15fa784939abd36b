"""What a training run is told: phases, weights, targets. Saved, resolved, with every run and adapter."""

from __future__ import annotations

import dataclasses
import math
from typing import Literal

from multitoon.data.target import TargetConfig
from multitoon.errors import ConfigError


@dataclasses.dataclass(frozen=True)
class Weights:
    """The share of each loss; 0 leaves it out and does not compute it."""

    distill: float = 1.0
    """Distance from the target in YUV (`losses/distill.py`)."""
    line: float = 1.0
    """Distance of luminance gradients from the target's (`losses/distill.py`)."""
    color: float = 0.0
    """Distance from the photo in YUV (`losses/color.py`, eq. 5 of LWComicGAN)."""
    tv: float = 0.0
    """Total variation of chroma (`losses/tv.py`)."""
    adversarial: float = 0.0
    """Least squares against the critic (`losses/adversarial.py`)."""
    features: float = 0.0
    """Distance of the critic's feature maps from the target's (`losses/adversarial.py`)."""


@dataclasses.dataclass(frozen=True)
class Phase:
    """A stretch of steps with one set of losses."""

    steps: int
    """Optimizer steps."""
    weights: Weights = Weights()
    """Shares of the losses."""
    crop: int = 128
    """Side of the square crops in pixels, a multiple of the backbone's `multiple`."""
    batch_size: int = 8
    """Crops per step, over all processes."""
    rate: float = 1e-3
    """Adam's learning rate at the start of the phase."""
    final_rate: float = 1e-4
    """... and at its end, by half a cosine."""
    vary_strength: float = 0.0
    """Share of the steps at a random strength up to 1.5, with a target as far from the photo. Strength scales
    weights: those never asked for half a style, or half as much again, draw neither well."""
    freeze_statistics: bool = False
    """Train with `pbn`'s running statistics, as at inference."""

    def rate_at(self, step: int) -> float:
        """The learning rate at `step`, counted from the start of the phase."""
        share = (1 + math.cos(math.pi * step / self.steps)) / 2
        return self.final_rate + (self.rate - self.final_rate) * share


@dataclasses.dataclass(frozen=True)
class StyleTask:
    """A style that is learnt, and how its targets are made."""

    style: str
    """The name that a user types."""
    target: TargetConfig | None = dataclasses.field(default_factory=TargetConfig)
    """How teacher and photo become the target; None takes the teacher's picture as it is."""
    share: int = 1
    """Steps of this style in each round over the styles."""


@dataclasses.dataclass(frozen=True)
class TrainConfig:
    """One run of `train-backbone` or `train-adapter`."""

    tasks: tuple[StyleTask, ...]
    """Learnt in turns, a style per step; `photo` has no adapter: the backbone gives the photo back."""
    phases: tuple[Phase, ...]
    """One after the other."""
    rank: int = 8
    """Rank of the adapters."""
    form: Literal["parallel", "series"] = "parallel"
    """Form of the adapters (`model/adapter.py`)."""
    backbone: str = "multitoon"
    """Preset of a new backbone; `train-adapter` takes the shipped one unless told otherwise."""
    border: int = 24
    """Pixels at the edges of teachers' pictures that are never used: CartoonGAN draws a frame there."""
    ema: float = 0.998
    """Decay per step of the averaged weights, which are what is saved."""
    critic_widths: tuple[int, ...] = (32, 64, 128)
    """Channels of the critic's layers."""
    critic_rate: float = 4e-4
    """Adam's learning rate for the critic."""
    seed: int = 0
    """Of the initial weights and of every step's crops."""

    def __post_init__(self) -> None:
        if not self.tasks or not self.phases:
            raise ConfigError("A run needs at least one task and one phase.")

    @property
    def total_steps(self) -> int:
        return sum(phase.steps for phase in self.phases)

    def phase_at(self, step: int) -> tuple[Phase, int]:
        """The phase that `step` falls into, and its count from the start of that phase."""
        for phase in self.phases:
            if step < phase.steps:
                return phase, step
            step -= phase.steps
        raise IndexError(f"step is past the run's {self.total_steps}.")
