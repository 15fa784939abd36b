"""What a step looks at: a function of the seed and the step, the same for any number of processes."""

from __future__ import annotations

import dataclasses

import torch
from torch import Tensor

from multitoon.color import rgb_to_yuv, yuv_to_rgb
from multitoon.data.sampler import Place, Placing, cut, pooled_place, random_place, step_generator
from multitoon.data.style_pictures import StylePictures, style_crops
from multitoon.image import pixels_to_float
from multitoon.train.config import Phase, PhotoColor, TrainConfig
from multitoon.train.feature_terms import FeatureTerms
from multitoon.train.parallel import Team

PHOTO = "photo"
"""The task of the backbone alone: give the photo back."""


@dataclasses.dataclass(frozen=True)
class Task:
    """A style with its pairs, uint8 (N, 3, H, W) each, in the same order, and its own pictures."""

    style: str
    photos: Tensor
    targets: Tensor
    pictures: StylePictures | None = None
    color: PhotoColor = dataclasses.field(default_factory=PhotoColor)


@dataclasses.dataclass(frozen=True)
class Batch:
    """What a step looks at, this process's share of it; float [-1, 1]."""

    style: str
    photo: Tensor
    target: Tensor
    colored: Tensor
    """The photo in the colors that the color loss wants."""
    strength: float
    keys: list[tuple[str, int, Place]] | None
    """Names of the crops where they come from a pool."""
    pictures: Tensor | None
    """As many crops of the style's own pictures; None where the step has no use for them."""
    grams: dict[str, Tensor] | None
    share: Tensor
    """(B, 1, 1, 1), uniform in [0, 1]: the one thing that an objective draws."""


def draw_batch(
    task: Task, phase: Phase, config: TrainConfig, step: int, team: Team, features: FeatureTerms | None
) -> Batch:
    """This process's share of the step's crops: every so many-th of them.

    Crops of the style are drawn where the phase needs them, the style has pictures and the strength is 1:
    they show the style at that strength and at no other.
    """
    generator, shape = step_generator(config.seed, step), task.photos.shape
    places = [_place(shape, phase, config, generator) for _ in range(phase.batch_size)][team.mine]
    photo, target = (
        pixels_to_float(cut(p, places, phase.crop).to(team.device)) for p in (task.photos, task.targets)
    )
    strength = _strength(phase, generator)
    share = torch.rand(phase.batch_size, 1, 1, 1, generator=generator)[team.mine].to(team.device)

    pictures, grams, weights = None, None, phase.weights
    if weights.need_style and task.pictures is not None and task.style != PHOTO and strength == 1:
        if weights.style:
            crops = style_crops(task.pictures, phase.batch_size, phase.crop, config.style_crops, generator)
            pictures = crops[team.mine].to(team.device)
        if weights.gram and features is not None and features.wanted(step, weights):
            grams = _grams(task.pictures, phase, config, generator, team, features)
    return Batch(
        task.style,
        photo,
        (photo + strength * (target - photo)).clamp(-1, 1),
        color_of(photo, task.color),
        strength,
        [(task.style, phase.crop, place) for place in places] if phase.pool and strength == 1 else None,
        pictures,
        grams,
        share,
    )


def color_of(photo: Tensor, color: PhotoColor) -> Tensor:
    """`photo` (B, 3, H, W) in [-1, 1] with the colors that the color loss wants (`PhotoColor`)."""
    if color == PhotoColor():
        return photo
    yuv = rgb_to_yuv(photo)
    y = yuv[:, :1] + color.lift * (1 - yuv[:, :1])
    tint = torch.tensor(color.tint, dtype=photo.dtype, device=photo.device).view(1, 2, 1, 1)
    return yuv_to_rgb(torch.cat([y, color.saturation * yuv[:, 1:] + tint], 1)).clamp(-1, 1)


def _place(shape: torch.Size, phase: Phase, config: TrainConfig, generator: torch.Generator) -> Place:
    how = Placing(phase.crop, config.border, config.grid, config.mirror)
    if phase.pool:
        return pooled_place(shape, how, phase.pool, config.seed, generator)
    return random_place(shape, how, generator)


def _strength(phase: Phase, generator: torch.Generator) -> float:
    varies, share = torch.rand(2, generator=generator).tolist()
    return share if varies < phase.vary_strength else 1.0


def _grams(
    pictures: StylePictures,
    phase: Phase,
    config: TrainConfig,
    generator: torch.Generator,
    team: Team,
    features: FeatureTerms,
) -> dict[str, Tensor]:
    """Gram matrices of crops of the style, one for each toon that the feature network sees."""
    numbers = torch.randint(config.features.gram_pool, (phase.batch_size,), generator=generator).tolist()

    def crop_of(number: int, crop: int) -> Tensor:
        own = step_generator(config.seed + 2, number)
        return style_crops(pictures, 1, crop, config.style_crops, own).to(team.device)

    mine = numbers[team.mine]
    return features.style_grams(mine[: features.seen(len(mine))], phase.crop, crop_of)
