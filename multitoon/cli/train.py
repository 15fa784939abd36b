"""`multitoon train-backbone` and `multitoon train-adapter`."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from multitoon.cli.output import json_option, print_json, talk
from multitoon.errors import ConfigError, MissingExtraError, TrainingError, UsageError

if TYPE_CHECKING:
    from multitoon.train.runs import RunOptions

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@dataclasses.dataclass(frozen=True)
class RunArguments:
    """The options of `run_options`, as typed."""

    photos: Path
    output: Path
    cache: Path | None
    overrides: tuple[str, ...]
    resume_from_checkpoint: str | None
    checkpointing_steps: int
    max_train_samples: int | None
    mixed_precision: str
    threads: int | None
    feature_weights: Path | None
    feature_convention: str | None
    report_to: tuple[str, ...]
    as_json: bool


def run_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a click command the options of a run, in the words of diffusers' scripts; it gets `run`."""

    @functools.wraps(command)
    def packed(**params: object) -> None:
        own = {field.name: params.pop(field.name) for field in dataclasses.fields(RunArguments)}
        command(run=RunArguments(**own), **params)

    options = [
        click.option("--photos", type=FOLDER, required=True, help="Folder of photos to learn from."),
        click.option(
            "-o", "--output", type=click.Path(path_type=Path), required=True, help="Folder of the run."
        ),
        click.option(
            "--cache",
            type=click.Path(path_type=Path),
            help="Folder of the teachers' and filters' pictures, drawn once.  [default: OUTPUT/teacher]",
        ),
        click.option(
            "--set", "overrides", metavar="KEY=VALUE", multiple=True, help="Change a key of the config."
        ),
        click.option(
            "--resume-from-checkpoint",
            type=click.Choice(["latest"]),
            help="Go on from the run's checkpoint; the losses are those of a run that was never stopped.",
        ),
        click.option("--checkpointing-steps", type=click.IntRange(1), default=500, show_default=True),
        click.option("--max-train-samples", type=click.IntRange(8), help="Use only the first photos."),
        click.option(
            "--mixed-precision",
            type=click.Choice(["auto", "no", "bf16", "fp16"]),
            default="auto",
            show_default=True,
        ),
        click.option(
            "--threads", type=click.IntRange(1), help="Threads of torch.  [default: torch's choice]"
        ),
        click.option(
            "--feature-weights",
            type=FILE,
            help="Weights of the feature network, safetensors with torchvision's keys."
            "  [default: torchvision's, from torch's cache or downloaded]",
        ),
        click.option(
            "--feature-convention",
            type=click.Choice(["caffe", "torchvision"]),
            help="How their input is normalized.  [default: what the file says, or the size of its weights]",
        ),
        click.option(
            "--report-to",
            type=click.Choice(["tensorboard", "wandb", "trackio"]),
            multiple=True,
            help="A tracker beside OUTPUT/log.jsonl; repeatable.",
        ),
        json_option,
    ]
    for option in reversed(options):
        packed = option(packed)
    return packed


@click.command("train-backbone", short_help="Train the shared network with several teachers at once.")
@click.option("--config", type=FILE, help="What to train.  [default: the shipped train-backbone.yaml]")
@click.option(
    "--teacher", metavar="STYLE=FILE", multiple=True, help="CartoonGAN's published weights; repeatable."
)
@click.option("--init-from", type=FOLDER, help="Start from the backbone of this earlier run.")
@run_options
def train_backbone(
    config: Path | None,
    teacher: tuple[str, ...],
    init_from: Path | None,
    run: RunArguments,
) -> None:
    """Train the shared network with several teachers at once, an adapter for each.

    \b
    multitoon train-backbone --photos photos/ -o runs/backbone \\
        --teacher hayao=hayao.safetensors --teacher shinkai=shinkai.safetensors
    multitoon train-backbone --photos photos/ -o runs/backbone --resume-from-checkpoint latest

    The result is OUTPUT/backbone; OUTPUT/samples shows how it went.
    """
    _require_training(run.report_to)
    from multitoon.config import load_config
    from multitoon.presets import shipped
    from multitoon.train import runs
    from multitoon.train.config import TrainConfig

    resolved = load_config(TrainConfig, config or shipped("configs") / "train-backbone.yaml", run.overrides)
    options = _options(run, dict(_parse_teacher(text) for text in teacher))
    _finish(runs.train_backbone(resolved, options, init_from), options, run.as_json)


@click.command("train-adapter", short_help="Train a style as a small adapter on the frozen backbone.")
@click.option("--style", required=True, help="Its name: a-z, 0-9, - and _.")
@click.option("--style-images", type=FOLDER, help="Folder of pictures in the style, 50 to 500 or more.")
@click.option("--config", type=FILE, help="How to train it.  [default: the shipped style/STYLE.yaml]")
@click.option("--teacher", type=FILE, help="CartoonGAN's published weights for the style.")
@click.option("--backbone", type=FOLDER, help="The backbone to freeze.  [default: the shipped one]")
@click.option("--init-from", type=FOLDER, help="Start from this adapter instead of none.")
@click.option("--skip-doctor", is_flag=True, help="Don't look through the folders first.")
@run_options
def train_adapter(
    style: str,
    style_images: Path | None,
    config: Path | None,
    teacher: Path | None,
    backbone: Path | None,
    init_from: Path | None,
    skip_doctor: bool,
    run: RunArguments,
) -> None:
    """Train a style as a small adapter on the frozen backbone, from pictures in that style or from a teacher.

    \b
    multitoon train-adapter --style ink --style-images ink/ --photos photos/ -o runs/ink
    multitoon train-adapter --style hayao --teacher hayao.safetensors --photos photos/ -o runs/hayao

    A name that is shipped has its own recipe; any other takes style/folder.yaml with --style-images and
    style/teacher.yaml without. Without --teacher a config with a teacher takes the pictures in CACHE/STYLE
    for the teacher's: one PNG of 256 x 256 pixels per photo, of the same name. The result is OUTPUT/STYLE: a
    folder for `multitoon stylize --style OUTPUT/STYLE`; OUTPUT/best has the checkpoint of the best figures.
    """
    _require_training(run.report_to)
    from multitoon.config import load_config
    from multitoon.presets import shipped
    from multitoon.train import runs
    from multitoon.train.config import TrainConfig

    presets = shipped("configs") / "style"
    other = "folder.yaml" if style_images else "teacher.yaml"
    own = presets / f"{style}.yaml"
    path = config or (own if own.is_file() else presets / other)
    resolved = load_config(TrainConfig, path, run.overrides)
    if style_images and not resolved.need_style:
        raise ConfigError(
            f"{path} has no losses against pictures of the style (style, gram): it ignores --style-images.",
            f"Pass --config {presets / 'folder.yaml'}, or leave --style-images out.",
        )
    tasks = tuple(dataclasses.replace(task, style=style) for task in resolved.tasks)
    options = _options(
        run, {style: teacher} if teacher else {}, {style: style_images} if style_images else {}
    )
    if not skip_doctor and run.resume_from_checkpoint is None:
        _see_doctor(style_images, run.photos)
    folder = runs.train_adapter(dataclasses.replace(resolved, tasks=tasks), options, backbone, init_from)
    _finish(folder, options, run.as_json)


def _see_doctor(style_images: Path | None, photos: Path) -> None:
    """Warnings are told, an error stops: an hour of training is worth a look at the folders."""
    from multitoon.data.doctor import inspect_folders

    report = inspect_folders(style_images, photos)
    for problem in report.warnings:
        talk(f"warning: {problem.text} {problem.hint}")
    if report.errors:
        first, more = report.errors[0], len(report.errors) - 1
        raise TrainingError(
            first.text + (f" And {more} more." if more else ""),
            f"{first.hint} See `multitoon doctor`, or pass --skip-doctor.",
        )


def _options(
    run: RunArguments, teachers: Mapping[str, Path], style_images: Mapping[str, Path] | None = None
) -> RunOptions:
    from multitoon.train.pairs import Sources
    from multitoon.train.runs import RunOptions

    return RunOptions(
        sources=Sources(
            photos=run.photos,
            cache=run.cache or run.output / "teacher",
            teachers=dict(teachers),
            style_images=dict(style_images or {}),
            max_photos=run.max_train_samples,
        ),
        output=run.output,
        feature_weights=run.feature_weights,
        feature_convention=run.feature_convention,
        report_to=run.report_to,
        checkpoint_every=run.checkpointing_steps,
        resume=run.resume_from_checkpoint is not None,
        mixed_precision=run.mixed_precision,
        threads=run.threads,
    )


def _parse_teacher(text: str) -> tuple[str, Path]:
    style, equals, path = text.partition("=")
    if not equals or not Path(path).is_file():
        raise click.BadParameter(f"{text!r} should read STYLE=FILE, with a file that exists.")
    return style, Path(path)


def _require_training(trackers: Sequence[str]) -> None:
    import importlib.util

    if not all(importlib.util.find_spec(name) for name in ("accelerate", "datasets", "rich")):
        raise MissingExtraError("Training", "train")
    # `accelerate` goes on without a tracker that is missing, and an hour later there is nothing to see.
    for name in trackers:
        if importlib.util.find_spec(name) is None:
            raise UsageError(
                f"--report-to {name} needs {name}, which is not installed.", f"pip install {name}"
            )


def _finish(folder: Path, options: RunOptions, as_json: bool) -> None:
    if as_json:
        print_json({"result": str(folder), "run": str(options.output)})
    else:
        click.echo(folder)
    talk(f"samples: {options.output / 'samples'}; log: {options.output / 'log.jsonl'}")
