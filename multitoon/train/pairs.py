"""What a run learns from: photos with their targets, and the style's own pictures, as its config says."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch
from datasets import Image as ImageFeature
from datasets import load_dataset
from rich.console import Console
from rich.progress import track
from torch import Tensor

from multitoon.data.pairs import cached_abstraction, cached_ink, cached_lines
from multitoon.data.palette import measured_light, thumbnails
from multitoon.data.style_pictures import StylePictures
from multitoon.data.target import recompose
from multitoon.data.teacher import Pairs, cached_pairs, draw, load_cartoongan
from multitoon.errors import TrainingError
from multitoon.image import float_to_pixels, pixels_to_float, to_image, to_pixels
from multitoon.model.shades import draw_shades
from multitoon.train.batch import PHOTO, Task
from multitoon.train.config import StyleTask, TrainConfig

HELD_OUT = 12
"""Photos that are left out of the training, spread over the list: for samples and for early figures."""
LINES = "lines"
"""The sheets of lines that `TargetConfig.outline` lays over a target."""
FILTERS = {"abstraction": cached_abstraction, "ink": cached_ink, LINES: cached_lines}
"""What classical filters draw, by folder in the cache; all but the lines are names of `StyleTask.pairs`."""


@dataclasses.dataclass(frozen=True)
class Sources:
    """Where the pictures of a run are."""

    photos: Path
    """Folder of photos, searched as `datasets`' imagefolder does."""
    cache: Path
    """Folder of the teachers' and filters' pictures; what is missing there is drawn and kept."""
    teachers: dict[str, Path] = dataclasses.field(default_factory=dict)
    """Style to the teacher's published weights; without one, only cached pictures are used."""
    style_images: dict[str, Path] = dataclasses.field(default_factory=dict)
    """Style to the folder of its own pictures."""
    max_photos: int | None = None
    """Use only the first photos."""


@dataclasses.dataclass(frozen=True)
class HeldOut:
    """Pairs that are not trained on, uint8 (N, 3, H, W)."""

    photos: Tensor
    targets: Tensor


def load_tasks(config: TrainConfig, sources: Sources) -> tuple[TrainConfig, list[Task], HeldOut]:
    """`config` with what was measured in it, its tasks in turn, and what is held out of the last one.

    Raises:
        TrainingError: a folder without pictures, or a style without a teacher and without cached pictures.
    """
    photos = list_pictures(sources.photos)[: sources.max_photos]
    measured, tasks, held_out = [], [], HeldOut(torch.zeros(0, 3, 1, 1), torch.zeros(0, 3, 1, 1))
    for task in config.tasks:
        pairs = _pairs(task, photos, config.zooms, sources)
        folder = sources.style_images.get(task.style)
        pictures = StylePictures(list_pictures(folder), config.style_crops.side) if folder else None
        task = _in_measured_light(task, pairs, pictures)
        measured.append(task)
        targets = _targets(task, pairs, sources)
        out = _held_out(pairs.names)
        held_out = HeldOut(pairs.photos[out][:HELD_OUT], targets[out][:HELD_OUT])
        own = Task(task.style, pairs.photos[~out], targets[~out], pictures, task.color)
        tasks += [own] * task.share
    return dataclasses.replace(config, tasks=tuple(measured)), tasks, held_out


def list_pictures(folder: Path) -> list[Path]:
    """The pictures of a folder, in the order of their names, as `datasets`' imagefolder finds them."""
    try:
        dataset = load_dataset("imagefolder", data_dir=str(folder), split="train")
    except (FileNotFoundError, ValueError) as error:
        raise TrainingError(f"{folder}: no pictures found ({error}).") from error
    rows = dataset.cast_column("image", ImageFeature(decode=False))["image"]
    return sorted(Path(row["path"]) for row in rows)


def _held_out(names: list[str]) -> Tensor:
    """Which pairs, bool (N,), are not trained on: all of a photo, whatever its zoom."""
    photos = list(dict.fromkeys(names))
    chosen = set(photos[:: max(2, len(photos) // HELD_OUT)])
    return torch.tensor([name in chosen for name in names])


def _pairs(task: StyleTask, photos: list[Path], zooms: tuple[float, ...], sources: Sources) -> Pairs:
    kind = task.drawn_by
    if kind == "teacher":
        return cached_pairs(photos, task.style, _drawer(task.style, sources), sources.cache, _progress, zooms)
    pairs = cached_pairs(photos, PHOTO, lambda x: x, sources.cache, _progress, zooms)
    if kind == "photo":
        return pairs
    return Pairs(pairs.names, pairs.photos, _drawn(pairs.photos, kind, task, sources))


def _drawn(photos: Tensor, kind: str, task: StyleTask, sources: Sources) -> Tensor:
    """What the filter `kind` makes of each photo, uint8 (N, 3, H, W), from the cache where it is there."""
    draw_one, folder = FILTERS[kind], sources.cache / kind
    if kind == "ink":
        draw_one = functools.partial(cached_ink, config=task.ink)
    title = f"{kind}: drawing"
    return _on_all_cores(title, lambda photo: to_pixels(draw_one(to_image(photo), folder)), photos)


def _drawer(style: str, sources: Sources) -> Callable[[Tensor], Tensor] | None:
    if style not in sources.teachers:
        return None
    teacher = load_cartoongan(sources.teachers[style])
    return lambda photos: draw(teacher, photos)


def _in_measured_light(task: StyleTask, pairs: Pairs, pictures: StylePictures | None) -> StyleTask:
    """`task` with the light of `pictures` in its target, and their lack of color as its fade, if it asks."""
    if not task.measured_light or task.target is None:
        return task
    if pictures is None:
        raise TrainingError(
            f"The light of {task.style} is to be measured, and there are no pictures of it.",
            "Pass --style-images DIR.",
        )
    light = measured_light(thumbnails(pairs.photos), thumbnails(pictures))
    Console(stderr=True, soft_wrap=True).print(
        f"{task.style}: light measured: gamma {light.gamma:.2f}, contrast {light.contrast:+.2f}, saturation "
        f"{light.saturation:.2f}, shadows ({light.shadow_tint[0]:+.2f}, {light.shadow_tint[1]:+.2f}), lights "
        f"({light.light_tint[0]:+.2f}, {light.light_tint[1]:+.2f})"
    )
    target, fade = dataclasses.replace(task.target, light=light), max(0.0, 1 - light.saturation)
    return dataclasses.replace(task, target=target, fade=fade)


def _targets(task: StyleTask, pairs: Pairs, sources: Sources) -> Tensor:
    """What the network shall draw, uint8 (N, 3, H, W), with the shades that it gives its toons anyway."""
    config = None if task.drawn_by == PHOTO else task.target
    if config is None and not task.shades:
        return pairs.toons
    outlined = config is not None and config.outline is not None
    sheets = _drawn(pairs.photos, LINES, task, sources) if outlined else [None] * len(pairs.names)

    @torch.inference_mode()
    def target(photo: Tensor, toon: Tensor, sheet: Tensor | None) -> Tensor:
        photo, toon = (pixels_to_float(pixels[None]) for pixels in (photo, toon))
        sheet = None if sheet is None else pixels_to_float(sheet[None])
        drawn = toon if config is None else recompose(photo, toon, config, sheet)
        return float_to_pixels(draw_shades(drawn, task.shades))

    return _on_all_cores(f"{task.style}: targets", target, pairs.photos, pairs.toons, sheets)


def _on_all_cores(title: str, make: Callable[..., Tensor], *pictures: Sequence) -> Tensor:
    """`make` (1, 3, H, W) of each, one per core at a time: it stays in the cache, which makes it faster."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with ThreadPoolExecutor(threads) as pool:
            made = pool.map(make, *pictures)
            return torch.cat(list(track(made, title, len(pictures[0]), console=Console(stderr=True))))
    finally:
        torch.set_num_threads(threads)


def _progress(photos: list[Path], title: str) -> Iterator[Path]:
    return track(photos, title, console=Console(stderr=True))
