"""What a training run is told: phases, weights, targets. Saved, resolved, with every run and adapter."""

from __future__ import annotations

import dataclasses
import math
from typing import Literal

from multitoon.data.style_pictures import StyleCropConfig
from multitoon.data.target import TargetConfig
from multitoon.errors import ConfigError
from multitoon.filters.ink import INK, InkConfig


@dataclasses.dataclass(frozen=True)
class Weights:
    """The share of each loss; 0 leaves it out and does not compute it."""

    distill: float = 1.0
    """Distance from the target in YUV (`losses/distill.py`)."""
    line: float = 1.0
    """Distance of luminance gradients from the target's (`losses/distill.py`)."""
    detail: float = 0.0
    """One minus the correlation of luminance detail with the target's (`losses/detail.py`)."""
    stroke: float = 0.0
    """Distance of luminance from the target's, where that is darker than around it (`losses/detail.py`)."""
    color: float = 0.0
    """Distance from the photo in YUV (`losses/color.py`), in the colors of `StyleTask.color`."""
    tv: float = 0.0
    """Total variation of chroma (`losses/tv.py`)."""
    adversarial: float = 0.0
    """Least squares against the critic that sees photo and target (`losses/adversarial.py`)."""
    features: float = 0.0
    """Distance of that critic's feature maps from the target's (`losses/adversarial.py`)."""
    style: float = 0.0
    """Against the critic that sees pictures of the style (`StyleCriticConfig.objective`)."""
    content: float = 0.0
    """Distance from the photo in a feature network (`losses/content.py`)."""
    perceptual: float = 0.0
    """Distance from the target in a feature network (`losses/content.py`)."""
    gram: float = 0.0
    """Distance from the style's gray Gram matrices (`losses/gram.py`)."""

    @property
    def used(self) -> set[str]:
        """The names of the losses that are computed."""
        return {name for name, share in dataclasses.asdict(self).items() if share}

    @property
    def need_style(self) -> bool:
        """Whether pictures of the style are looked at."""
        return bool(self.style or self.gram)

    @property
    def need_features(self) -> bool:
        """Whether a feature network is run."""
        return bool(self.content or self.perceptual or self.gram)


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
    """Share of the steps at a random strength below 1, with a target as far from the photo. Strength scales
    weights: those never asked for half a style do not draw it well."""
    freeze_statistics: bool = False
    """Train with `pbn`'s running statistics, as at inference."""
    pool: int = 0
    """So many fixed crops take turns, and the feature network sees each of their photos once; 0 takes a new
    crop each time, and sees each again."""

    def rate_at(self, step: int) -> float:
        """The learning rate at `step`, counted from the start of the phase."""
        share = (1 + math.cos(math.pi * step / self.steps)) / 2
        return self.final_rate + (self.rate - self.final_rate) * share


@dataclasses.dataclass(frozen=True)
class FeatureConfig:
    """What the feature network looks at: it costs several times the student's own step."""

    network: Literal["vgg16", "vgg19", "resnet18", "resnet50"] = "vgg19"
    """A name of `model/features.py`."""
    content: str = "conv4_4"
    """The layer of `content` and `perceptual`; `layer3` is a ResNet's."""
    gram: tuple[str, ...] = ("conv1_2", "conv2_2", "conv3_2")
    """The layers of `gram`: strokes are small, and deeper layers cost more than they add."""
    gram_of: Literal["crop", "mean"] = "crop"
    """What toons are compared with: a crop of the style's pictures each (eq. 4), or the mean Gram matrices of
    `gram_pool` crops, the same in every step."""
    gram_pool: int = 256
    """Crops of the style's pictures whose Gram matrices take turns, each computed once."""
    every: int = 2
    """Only every so many steps, with as many times the weight."""
    batch: int = 4
    """Only so many crops of a batch, over all processes; 0 takes all."""
    shrink: int = 2
    """`content` and `perceptual` see crops averaged over squares of this side: 2 is four times faster."""
    unit: float = 1.0
    """What a mean activation counts in `content`: maps are scaled to a mean of 1. The papers' weights are for
    VGG19's own scale, where conv4_4 has a mean of 650."""
    gram_unit: float = 1.0
    """The same for `gram`; the papers': 650^2 / 512, as AnimeGAN divides by the channels too."""


@dataclasses.dataclass(frozen=True)
class StyleCriticConfig:
    """The critic that tells pictures of the style from toons, without seeing the photo."""

    objective: Literal["lsgan", "wgan_gp", "edge_promoting", "animegan"] = "lsgan"
    """A name of `critics.OBJECTIVES`."""
    widths: tuple[int, ...] = (32, 64, 128)
    """Channels of its layers, of stride 2 each."""
    rate: float = 2e-4
    """Adam's learning rate."""
    gray: bool = False
    """Show it luminance alone: then it teaches strokes and shades, and leaves colors alone."""


@dataclasses.dataclass(frozen=True)
class PhotoColor:
    """The photo's colors as the color loss wants them in the toon."""

    saturation: float = 1.0
    """Factor on the photo's chroma; 0 for a style without colors."""
    lift: float = 0.0
    """Share of the way from the photo's luminance to white, for a style on paper."""
    tint: tuple[float, float] = (0.0, 0.0)
    """Added to U and V: the paper's tone."""


@dataclasses.dataclass(frozen=True)
class StyleTask:
    """A style that is learnt, and how its targets are made."""

    style: str
    """The name that a user types."""
    pairs: Literal["auto", "teacher", "abstraction", "ink", "photo"] = "auto"
    """Who draws the toons that photos are paired with: a teacher, a classical filter, or nobody (the photo
    itself). `auto`: the filter of that name where `style` is one, else the teacher."""
    target: TargetConfig | None = dataclasses.field(default_factory=TargetConfig)
    """How teacher and photo become the target; None takes the teacher's picture as it is."""
    measured_light: bool = False
    """Whether `target.light` and `fade` are measured instead: what gives the photos the colors of the style's
    pictures (`data/palette.py`)."""
    ink: InkConfig = INK
    """How the ink filter paints, where it draws the pairs: paper, washes, lines."""
    color: PhotoColor = PhotoColor()
    """The photo's colors, as the color loss takes them."""
    shades: float = 0.0
    """How far the adapter draws luminance to a few flat shades, 0 to 1 (`model/shades.py`)."""
    fade: float = 0.0
    """How much of the photo's chroma its toons leave behind, 0 to 1 (`model/adapter.py`)."""
    paper: float = 0.0
    """The grain of the paper that toons are laid on, 0 to 0.2; nothing is trained with it (`paper.py`)."""
    share: int = 1
    """Steps of this style in each round over the styles."""

    @property
    def drawn_by(self) -> str:
        """`pairs`, with `auto` resolved."""
        if self.pairs != "auto":
            return self.pairs
        return self.style if self.style in ("abstraction", "ink", "photo") else "teacher"


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
    zooms: tuple[float, ...] = (1.0,)
    """How much larger than they are photos are shown, each photo at each: toons are drawn at 448 pixels of
    the shorter side, where things are larger and edges softer than in photos of 256 to learn from."""
    border: int = 24
    """Pixels at the edges of teachers' pictures that are never used: CartoonGAN draws a frame there."""
    grid: int = 1
    """Crops begin at multiples of so many pixels: a teacher with strides draws otherwise in between."""
    mirror: bool = True
    """Mirror every other crop. CartoonGAN's toon of a mirrored photo is another than the mirrored toon."""
    ema: float = 0.998
    """Decay per step of the averaged weights, which are what is saved."""
    critic_widths: tuple[int, ...] = (32, 64, 128)
    """Channels of the layers of the critic that sees photo and target."""
    optimizer: Literal["adam", "muon"] = "adam"
    """Of the network; `muon` evens out the directions of its matrices (`train/muon.py`)."""
    critic_rate: float = 4e-4
    """Adam's learning rate for the critic."""
    features: FeatureConfig = FeatureConfig()
    """The feature network of `content`, `perceptual` and `gram`."""
    style_critic: StyleCriticConfig = StyleCriticConfig()
    """The critic of `style`."""
    style_crops: StyleCropConfig = dataclasses.field(default_factory=StyleCropConfig)
    """The pictures that it sees."""
    seed: int = 0
    """Of the initial weights and of every step's crops."""

    def __post_init__(self) -> None:
        if not self.tasks or not self.phases:
            raise ConfigError("A run needs at least one task and one phase.")
        if not self.zooms or not all(1 <= zoom <= 4 for zoom in self.zooms):
            raise ConfigError(f"zooms is {list(self.zooms)}, must be factors from 1 to 4.")

    @property
    def need_style(self) -> bool:
        """Whether any phase looks at pictures of the style."""
        return any(phase.weights.need_style for phase in self.phases)

    @property
    def need_features(self) -> bool:
        """Whether any phase runs a feature network."""
        return any(phase.weights.need_features for phase in self.phases)

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
