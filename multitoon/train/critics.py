"""The two critics, each shared by all styles with a residual adapter per style, and what they are taught.

The *paired* critic sees a photo with a toon or its target, and learns by least squares. The *style* critic
sees no photo: it compares toons with pictures of the style, by one of four objectives.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import torch
from torch import Tensor

from multitoon.filters.smooth_edges import smooth_edges
from multitoon.losses.adversarial import feature_matching, lsgan_discriminator, lsgan_generator
from multitoon.losses.animegan import animegan_discriminator
from multitoon.losses.edge_promoting import edge_promoting_discriminator, edge_promoting_generator
from multitoon.losses.gram import gray
from multitoon.losses.wgan_gp import PENALTY, gradient_penalty, wgan_discriminator, wgan_generator
from multitoon.model.adapter import Adapter, AdapterConfig
from multitoon.model.discriminator import PatchDiscriminator
from multitoon.train.config import StyleCriticConfig, TrainConfig, Weights

Score = Callable[[Tensor], Tensor]
"""Pictures (B, 3, H, W) to score maps (B, 1, H/8, W/8)."""


@dataclasses.dataclass(frozen=True)
class Objective:
    """`critic(score, style, toon, share)` and `toon(scores)` are the two players' losses.

    `share` (B, 1, 1, 1), uniform in [0, 1], is the only chance in them.
    """

    critic: Callable[[Score, Tensor, Tensor, Tensor], Tensor]
    toon: Callable[[Tensor], Tensor]


def _lsgan(score: Score, style: Tensor, toon: Tensor, share: Tensor) -> Tensor:
    return lsgan_discriminator(score(style), score(toon))


def _wgan_gp(score: Score, style: Tensor, toon: Tensor, share: Tensor) -> Tensor:
    distance = wgan_discriminator(score(style), score(toon))
    return distance + PENALTY * gradient_penalty(score, style, toon, share)


def _edge_promoting(score: Score, style: Tensor, toon: Tensor, share: Tensor) -> Tensor:
    return edge_promoting_discriminator(score(style), score(smooth_edges(style)), score(toon))


def _animegan(score: Score, style: Tensor, toon: Tensor, share: Tensor) -> Tensor:
    shades = gray(style)
    return animegan_discriminator(score(style), score(toon), score(shades), score(smooth_edges(shades)))


OBJECTIVES = {
    "lsgan": Objective(_lsgan, lsgan_generator),
    "wgan_gp": Objective(_wgan_gp, wgan_generator),
    "edge_promoting": Objective(_edge_promoting, edge_promoting_generator),
    "animegan": Objective(_animegan, lsgan_generator),
}


class StyledCritic(torch.nn.Module):
    """The shared critic with a residual adapter for each style."""

    def __init__(self, discriminator: PatchDiscriminator, styles: list[str], rank: int) -> None:
        super().__init__()
        self.discriminator = discriminator
        self.adapters = torch.nn.ModuleDict(
            {style: Adapter(discriminator, AdapterConfig(style, rank)) for style in styles}
        )

    def forward(self, style: str, toon: Tensor, photo: Tensor | None = None) -> tuple[list[Tensor], Tensor]:
        return self.discriminator(toon, photo, self.adapters[style])


def paired_critic(config: TrainConfig, styles: list[str]) -> StyledCritic:
    """The critic of `Weights.adversarial` and `Weights.features`."""
    return StyledCritic(PatchDiscriminator(config.critic_widths), styles, config.rank)


def style_critic(config: TrainConfig, styles: list[str]) -> StyledCritic:
    """The critic of `Weights.style`."""
    return StyledCritic(PatchDiscriminator(config.style_critic.widths, paired=False), styles, config.rank)


def paired_loss(critic: torch.nn.Module, style: str, toon: Tensor, target: Tensor, photo: Tensor) -> Tensor:
    """The paired critic's own loss, for a toon without gradient."""
    return lsgan_discriminator(critic(style, target, photo)[1], critic(style, toon, photo)[1])


def paired_terms(
    weights: Weights, critic: torch.nn.Module, style: str, toon: Tensor, target: Tensor, photo: Tensor
) -> dict[str, Tensor]:
    """What the toon owes the paired critic, by the name of its weight."""
    real_maps, _ = critic(style, target, photo)
    fake_maps, fake_score = critic(style, toon, photo)
    return {
        "adversarial": weights.adversarial * lsgan_generator(fake_score),
        "features": weights.features * feature_matching(real_maps, fake_maps),
    }


def style_loss(
    config: StyleCriticConfig,
    critic: torch.nn.Module,
    name: str,
    pictures: Tensor,
    toon: Tensor,
    share: Tensor,
) -> Tensor:
    """The style critic's own loss, for a toon without gradient."""
    seen = gray if config.gray else _as_they_are
    return OBJECTIVES[config.objective].critic(
        lambda x: critic(name, x)[1], seen(pictures), seen(toon), share
    )


def style_term(config: StyleCriticConfig, critic: torch.nn.Module, name: str, toon: Tensor) -> Tensor:
    """What the toon owes the style critic."""
    seen = gray if config.gray else _as_they_are
    return OBJECTIVES[config.objective].toon(critic(name, seen(toon))[1])


def _as_they_are(x: Tensor) -> Tensor:
    return x
