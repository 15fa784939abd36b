"""A heavy teacher's pictures of many photos, drawn once and cached on disk."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from PIL import Image, ImageFilter
from torch import Tensor

from multitoon.config import load_config
from multitoon.draw_size import DRAW_SIZE
from multitoon.errors import CheckpointError, TrainingError
from multitoon.image import float_to_pixels, pixels_to_float, to_image, to_pixels
from multitoon.model.backbone import Backbone, BackboneConfig
from multitoon.presets import preset_path
from multitoon.published_weights import opened, tensors_of
from multitoon.whole_file import whole_file

SIDE = 256
"""Pixels of the squares that a teacher draws: the size that CartoonGAN was trained at."""
SHARPENING = ImageFilter.UnsharpMask(radius=1, percent=50, threshold=0)
"""What enlarged photos go through: their edges are then about as sharp as those of larger photos."""


@dataclasses.dataclass(frozen=True)
class Pairs:
    """Photos and the pictures that a teacher made of them, uint8 (N, 3, SIDE, SIDE), in the same order."""

    names: list[str]
    """The photos' names; one that is there at several zooms comes as often."""
    photos: Tensor
    toons: Tensor


def load_cartoongan(path: str | Path) -> Backbone:
    """CartoonGAN's published weights (keys `conv01_1.weight`, `in01_1.scale`, ...) in our network.

    The published network works in BGR; here the first and the last convolution are turned to RGB.

    Raises:
        CheckpointError: not a safetensors file, or not these 94 tensors.
    """
    with opened(path) as file:
        published = tensors_of(file)
    network = Backbone(load_config(BackboneConfig, preset_path("cartoongan"))).eval()
    convs = [key for key in published if key.endswith(".weight")]
    norms = [key for key in published if key.endswith(".scale")]
    units = network.units().values()
    if len(convs) != len(units) or len(norms) != sum(unit.norm is not None for unit in units):
        raise CheckpointError(f"{path}: {len(published)} tensors that are not CartoonGAN's generator.")
    # Sorted by name, the published keys stand in the order of the forward pass.
    convs, norms = iter(sorted(convs)), iter(sorted(norms))
    with torch.no_grad():
        for unit in units:
            key = next(convs).removesuffix(".weight")
            unit.conv.weight.copy_(published[f"{key}.weight"])
            unit.conv.bias.copy_(published[f"{key}.bias"])
            if unit.norm is not None:
                key = next(norms).removesuffix(".scale")
                unit.norm.scale.copy_(published[f"{key}.scale"])
                unit.norm.shift.copy_(published[f"{key}.shift"])
        first, last = network.encoder[0].conv, network.output.conv
        first.weight.copy_(first.weight.flip(1))
        last.weight.copy_(last.weight.flip(0))
        last.bias.copy_(last.bias.flip(0))
    return network


def draw(network: Backbone, photos: Tensor) -> Tensor:
    """The teacher's toons, uint8 (B, 3, H, W), of photos of that kind."""
    with torch.inference_mode():
        return float_to_pixels(network(pixels_to_float(photos)))


def cached_pairs(
    photos: list[Path],
    style: str,
    draw_style: Callable[[Tensor], Tensor] | None,
    cache: Path,
    progress: Callable[[list[Path], str], Iterator[Path]],
    zooms: tuple[float, ...] = (1.0,),
) -> Pairs:
    """A square of each photo at each zoom, and its toon, from `cache/photo` and `cache/<style>`.

    What is missing there is drawn. Which square is a function of the photo's name and the zoom alone, so
    that all styles see the same; large photos are first made as small as toons are drawn. With
    `draw_style=None` only what is cached is used.
    """
    names, squares, toons = [], [], []
    for path in progress(photos, f"{style}: teacher's pictures"):
        for zoom in zooms:
            name = path.stem if zoom == 1 else f"{path.stem}_x{zoom:g}"
            target = cache / style / f"{name}.png"
            if draw_style is None and not target.exists():
                continue
            square = _cached(cache / "photo" / f"{name}.png", functools.partial(_square, path, name, zoom))
            toon = _cached(target, lambda square=square: draw_style(square[None])[0])
            names.append(path.stem)
            squares.append(square)
            toons.append(toon)
    if not names:
        raise TrainingError(f"No pictures of {style!r} in {cache}, and no teacher to draw them.")
    return Pairs(names, torch.stack(squares), torch.stack(toons))


def _cached(path: Path, make: Callable[[], Tensor]) -> Tensor:
    if path.exists():
        with Image.open(path) as image:
            return to_pixels(image.convert("RGB"))[0]
    pixels = make()
    with whole_file(path, overwrite=True) as part:  # two trainings may draw into one cache
        to_image(pixels_to_float(pixels[None])).save(part, "PNG", compress_level=1)
    return pixels


def _square(path: Path, name: str, zoom: float) -> Tensor:
    with Image.open(path) as image:
        photo = image.convert("RGB")
    shorter = min(photo.size)
    scale = max(SIDE, zoom * min(DRAW_SIZE, shorter)) / shorter
    if scale != 1:
        photo = photo.resize(tuple(max(SIDE, round(side * scale)) for side in photo.size), Image.LANCZOS)
    if 1 < scale <= zoom:
        photo = photo.filter(SHARPENING)
    place = random.Random(hashlib.sha256(name.encode()).digest())
    left, top = (place.randint(0, side - SIDE) for side in photo.size)
    return to_pixels(photo.crop((left, top, left + SIDE, top + SIDE)))[0]
