"""Two runs of the one recipe: a backbone with throw-away adapters, and a style on a frozen backbone."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import torch
import yaml
from accelerate import Accelerator
from accelerate.utils import ProjectConfiguration

from multitoon.checkpoint import load_adapter, load_backbone, save_adapter, save_backbone
from multitoon.config import load_config, to_dict
from multitoon.errors import ConfigError
from multitoon.feature_weights import load_features
from multitoon.image import pixels_to_float
from multitoon.model.adapter import Adapter
from multitoon.model.backbone import Backbone, BackboneConfig
from multitoon.model.features import Convention
from multitoon.model.toon import StyledBackbone
from multitoon.presets import preset_path
from multitoon.train.batch import PHOTO, Task
from multitoon.train.config import TrainConfig
from multitoon.train.feature_terms import FeatureTerms
from multitoon.train.figures import Figures, center, keep_best
from multitoon.train.log import RunLog
from multitoon.train.pairs import HeldOut, Sources, load_tasks
from multitoon.train.recipe import new_adapters, train

CALIBRATION = 16
"""Photos on which a feature network's maps are scaled to a mean of 1."""
CALIBRATION_SIDE = 128
"""Pixels of their middle that are looked at."""
THROW_AWAY = "throw-away"
"""Folder of the adapters that were trained along with a backbone, and start its styles."""
SAMPLE_COUNT = 6
"""Photos in the sample grid."""


@dataclasses.dataclass(frozen=True)
class RunOptions:
    """What the command line says about a run, beside its config."""

    sources: Sources
    """Where the pictures are."""
    output: Path
    """Folder of the run: config, log, samples, checkpoint and, at the end, the weights."""
    feature_weights: Path | None = None
    """Weights of the feature network; None takes torchvision's."""
    feature_convention: Convention | None = None
    """How their input is normalized, if the file does not say."""
    checkpoint_every: int = 500
    """Steps between checkpoints."""
    resume: bool = False
    """Go on from the checkpoint in `output`."""
    mixed_precision: str = "auto"
    """`no`, `bf16`, `fp16`, or `auto`: bf16 where the device computes in it, which most CPUs only emulate."""
    threads: int | None = None
    """Threads of torch; None leaves torch's choice."""
    report_to: tuple[str, ...] = ()
    """Trackers beside `log.jsonl`, by accelerate's names for them."""


def train_backbone(config: TrainConfig, options: RunOptions, init_from: Path | None = None) -> Path:
    """Train backbone and throw-away adapters together; the folder `output/backbone`.

    `init_from` is the folder of an earlier run, whose backbone and throw-away adapters this one starts from.
    """
    accelerator = _start(config, options)
    torch.manual_seed(config.seed)
    if init_from is None:
        backbone, start = Backbone(load_config(BackboneConfig, preset_path(config.backbone))), {}
    else:
        backbone = load_backbone(init_from / "backbone")
        earlier = {task.style: init_from / THROW_AWAY / task.style for task in config.tasks}
        start = {style: load_adapter(path, backbone) for style, path in earlier.items() if path.is_dir()}
    net, seconds = _run(backbone, config, options, accelerator, start)
    folder = options.output / "backbone"
    if accelerator.is_main_process:
        save_backbone(net.backbone, folder, training=_facts(config, options, seconds, accelerator))
        for style, adapter in net.adapters.items():
            save_adapter(adapter, options.output / THROW_AWAY / style, net.backbone)
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
    accelerator = Accelerator(
        mixed_precision=_precision(options.mixed_precision),
        project_config=project,
        log_with=list(options.report_to) or None,
    )
    if options.report_to:
        accelerator.init_trackers("multitoon", config=_flat(to_dict(config)))
    return accelerator


def _flat(config: object, prefix: str = "") -> dict[str, str | int | float | bool]:
    """A nested config as trackers want it: one level, plain values."""
    if not isinstance(config, dict | list):
        return {prefix: config if isinstance(config, str | int | float | bool) else str(config)}
    items = config.items() if isinstance(config, dict) else enumerate(config)
    return {k: v for key, value in items for k, v in _flat(value, f"{prefix}.{key}".strip(".")).items()}


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
    with accelerator.main_process_first():  # the others find its pictures in the cache
        config, tasks, held_out = load_tasks(config, options.sources)
    net = StyledBackbone(backbone)
    new_adapters(net, config, start)
    samples = pixels_to_float(held_out.photos[:SAMPLE_COUNT])
    main = accelerator.is_main_process
    log = RunLog(options.output, samples, main_process=main, track=accelerator.log)
    features = _features(config, options, tasks)
    averaged = train(
        net,
        tasks,
        config,
        log,
        accelerator=accelerator,
        features=features,
        checkpoint_every=options.checkpoint_every,
        resume=options.resume,
        on_checkpoint=_checkpoint_hook(config, options, tasks, held_out, features, log, main),
    )
    accelerator.end_training()
    return averaged, log.seconds


def _features(config: TrainConfig, options: RunOptions, tasks: list[Task]) -> FeatureTerms | None:
    if not config.need_features:
        return None
    wanted = config.features
    layers = sorted({wanted.content, *wanted.gram})
    net = load_features(layers, wanted.network, options.feature_weights, options.feature_convention)
    photos = tasks[0].photos[:CALIBRATION]
    return FeatureTerms(net.calibrate(pixels_to_float(center(photos, CALIBRATION_SIDE))), wanted)


def _checkpoint_hook(
    config: TrainConfig,
    options: RunOptions,
    tasks: list[Task],
    held_out: HeldOut,
    features: FeatureTerms | None,
    log: RunLog,
    main: bool,
) -> Callable[[StyledBackbone, int], None]:
    """Early figures, for a run of one style; a backbone's many styles have none of their own."""
    task = tasks[0]
    if not main or len(config.tasks) != 1 or task.style == PHOTO or not len(held_out.photos):
        return lambda net, step: None
    figures = Figures(task.style, held_out, task.pictures, config.style_crops, features)
    return keep_best(figures, options.output / "best", log.say, log.write, options.resume)


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
