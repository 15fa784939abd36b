"""Two runs of the one recipe: a backbone with throw-away adapters, and a style on a frozen backbone."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import torch
import yaml
from accelerate import Accelerator
from accelerate.utils import ProjectConfiguration
from datasets import Image as ImageFeature
from datasets import load_dataset
from rich.console import Console
from rich.progress import track
from torch import Tensor

from multitoon.checkpoint import load_adapter, load_backbone, save_adapter, save_backbone
from multitoon.config import load_config, to_dict
from multitoon.data.pairs import cached_abstraction
from multitoon.data.target import recompose
from multitoon.data.teacher import Pairs, cached_pairs, draw, load_cartoongan
from multitoon.errors import ConfigError, TrainingError
from multitoon.image import float_to_pixels, pixels_to_float, to_image, to_pixels
from multitoon.model.adapter import Adapter
from multitoon.model.backbone import Backbone, BackboneConfig
from multitoon.model.toon import StyledBackbone
from multitoon.presets import preset_path
from multitoon.train.config import StyleTask, TrainConfig
from multitoon.train.log import RunLog
from multitoon.train.recipe import PHOTO, Task, new_adapters, train

ABSTRACTION = "abstraction"
"""The style whose teacher is no network but flow-based image abstraction (`filters/`)."""
SAMPLE_COUNT = 6
"""Photos in the sample grid, spread over the list and left out of the training."""


@dataclasses.dataclass(frozen=True)
class RunOptions:
    """What the command line says about a run, beside its config."""

    photos: Path
    """Folder of photos, searched as `datasets`' imagefolder does."""
    cache: Path
    """Folder of the teachers' pictures; what is missing there is drawn and kept."""
    output: Path
    """Folder of the run: config, log, samples, checkpoint and, at the end, the weights."""
    teachers: dict[str, Path]
    """Style to the teacher's published weights; without one, only cached pictures are used."""
    max_photos: int | None = None
    """Use only the first photos."""
    checkpoint_every: int = 500
    """Steps between checkpoints."""
    resume: bool = False
    """Go on from the checkpoint in `output`."""
    mixed_precision: str = "auto"
    """`no`, `bf16`, `fp16`, or `auto`: bf16 where the device computes in it, which most CPUs only emulate."""
    threads: int | None = None
    """Threads of torch; None leaves torch's choice."""


def train_backbone(config: TrainConfig, options: RunOptions) -> Path:
    """Train backbone and throw-away adapters together; the folder `output/backbone`."""
    accelerator = _start(config, options)
    torch.manual_seed(config.seed)
    backbone = Backbone(load_config(BackboneConfig, preset_path(config.backbone)))
    net, seconds = _run(backbone, config, options, accelerator)
    folder = options.output / "backbone"
    if accelerator.is_main_process:
        save_backbone(net.backbone, folder, training=_facts(config, options, seconds, accelerator))
        for style, adapter in net.adapters.items():
            save_adapter(adapter, options.output / "throw-away" / style, net.backbone)
    return folder


def train_adapter(
    config: TrainConfig,
    options: RunOptions,
    backbone: str | Path | None = None,
    init_from: str | Path | None = None,
) -> Path:
    """Train one style on a frozen backbone (default: the shipped one); the folder `output/STYLE`.

    `init_from` is the folder of an adapter to start from, such as one trained along with the backbone.
    """
    if len(config.tasks) != 1:
        raise ConfigError(f"tasks: an adapter learns one style, the config has {len(config.tasks)}.")
    accelerator = _start(config, options)
    torch.manual_seed(config.seed)
    frozen = load_backbone(backbone).requires_grad_(False)
    style = config.tasks[0].style
    start = {style: load_adapter(init_from, frozen)} if init_from else {}
    net, seconds = _run(frozen, config, options, accelerator, start)
    folder = options.output / style
    if accelerator.is_main_process:
        facts = _facts(config, options, seconds, accelerator)
        save_adapter(net.adapters[style], folder, net.backbone, training=facts)
    return folder


def _start(config: TrainConfig, options: RunOptions) -> Accelerator:
    if options.threads:
        torch.set_num_threads(options.threads)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "config.yaml").write_text(yaml.safe_dump(to_dict(config), sort_keys=False))
    project = ProjectConfiguration(project_dir=str(options.output))
    return Accelerator(mixed_precision=_precision(options.mixed_precision), project_config=project)


def _precision(name: str) -> str:
    if name != "auto":
        return name
    if torch.cuda.is_available():
        return "bf16" if torch.cuda.is_bf16_supported() else "no"
    cpu = torch.cpu.get_capabilities()
    return "bf16" if cpu.get("avx512_bf16") or cpu.get("amx_bf16") else "no"


def _run(
    backbone: Backbone,
    config: TrainConfig,
    options: RunOptions,
    accelerator: Accelerator,
    start: Mapping[str, Adapter] = MappingProxyType({}),
) -> tuple[StyledBackbone, float]:
    tasks, samples = _tasks(config, options)
    net = StyledBackbone(backbone)
    new_adapters(net, config)
    for style, adapter in start.items():
        net.add_adapter(style, adapter)
    log = RunLog(options.output, samples, main_process=accelerator.is_main_process)
    started = time.monotonic()
    averaged = train(
        net,
        tasks,
        config,
        log,
        accelerator=accelerator,
        checkpoint_every=options.checkpoint_every,
        resume=options.resume,
    )
    return averaged, time.monotonic() - started


def _tasks(config: TrainConfig, options: RunOptions) -> tuple[list[Task], Tensor]:
    photos = list_photos(options.photos)[: options.max_photos]
    tasks, samples = [], torch.zeros(0, 3, 1, 1)
    for task in config.tasks:
        pairs = _pairs(task, photos, options)
        held_out = torch.arange(len(pairs.names)) % max(2, len(pairs.names) // SAMPLE_COUNT) == 0
        samples = pixels_to_float(pairs.photos[held_out][:SAMPLE_COUNT])
        tasks += [Task(task.style, pairs.photos[~held_out], _targets(task, pairs)[~held_out])] * task.share
    return tasks, samples


def _pairs(task: StyleTask, photos: list[Path], options: RunOptions) -> Pairs:
    if task.style not in (PHOTO, ABSTRACTION):
        return cached_pairs(photos, task.style, _drawer(task.style, options), options.cache, _progress)
    pairs = cached_pairs(photos, PHOTO, lambda x: x, options.cache, _progress)
    toons = pairs.photos
    if task.style == ABSTRACTION:
        cache = options.cache / ABSTRACTION
        squares = track(pairs.photos, "abstraction: drawing", console=Console(stderr=True))
        toons = torch.stack([to_pixels(cached_abstraction(to_image(x), cache))[0] for x in squares])
    return Pairs(pairs.names, pairs.photos, toons)


def _drawer(style: str, options: RunOptions) -> Callable[[Tensor], Tensor] | None:
    if style not in options.teachers:
        return None
    teacher = load_cartoongan(options.teachers[style])
    return lambda photos: draw(teacher, photos)


def _targets(task: StyleTask, pairs: Pairs) -> Tensor:
    if task.target is None or task.style == PHOTO:
        return pairs.toons
    with torch.inference_mode():
        chunks = zip(pairs.photos.split(16), pairs.toons.split(16), strict=True)
        return torch.cat(
            [
                float_to_pixels(recompose(pixels_to_float(photo), pixels_to_float(toon), task.target))
                for photo, toon in chunks
            ]
        )


def list_photos(folder: Path) -> list[Path]:
    """The pictures of a folder, in the order of their names, as `datasets`' imagefolder finds them."""
    try:
        dataset = load_dataset("imagefolder", data_dir=str(folder), split="train")
    except (FileNotFoundError, ValueError) as error:
        raise TrainingError(f"{folder}: no pictures found ({error}).") from error
    rows = dataset.cast_column("image", ImageFeature(decode=False))["image"]
    return sorted(Path(row["path"]) for row in rows)


def _progress(photos: list[Path], title: str) -> Iterator[Path]:
    return track(photos, title, console=Console(stderr=True))


def _facts(config: TrainConfig, options: RunOptions, seconds: float, accelerator: Accelerator) -> dict:
    return {
        "config": to_dict(config),
        "device": str(accelerator.device),
        "processes": accelerator.num_processes,
        "mixed_precision": accelerator.mixed_precision,
        "threads": torch.get_num_threads(),
        "seconds": round(seconds),
        "steps": config.total_steps,
        "torch": torch.__version__,
    }
