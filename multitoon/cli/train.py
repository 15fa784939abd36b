"""`multitoon train-backbone` and `multitoon train-adapter`."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from multitoon.cli.output import json_option, print_json, talk
from multitoon.errors import MissingExtraError

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
            help="Folder of the teachers' pictures, drawn once.  [default: OUTPUT/teacher]",
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
@run_options
def train_backbone(
    config: Path | None,
    teacher: tuple[str, ...],
    run: RunArguments,
) -> None:
    """Train the shared network with several teachers at once, an adapter for each.

    \b
    multitoon train-backbone --photos photos/ -o runs/backbone \\
        --teacher hayao=hayao.safetensors --teacher shinkai=shinkai.safetensors
    multitoon train-backbone --photos photos/ -o runs/backbone --resume-from-checkpoint latest

    The result is OUTPUT/backbone; OUTPUT/samples shows how it went.
    """
    _require_training()
    from multitoon.config import load_config
    from multitoon.presets import shipped
    from multitoon.train import runs
    from multitoon.train.config import TrainConfig

    resolved = load_config(TrainConfig, config or shipped("configs") / "train-backbone.yaml", run.overrides)
    options = _options(run, dict(_parse_teacher(text) for text in teacher))
    _finish(runs.train_backbone(resolved, options), options, run.as_json)


@click.command("train-adapter", short_help="Train a style as a small adapter on the frozen backbone.")
@click.option("--style", required=True, help="Its name: a-z, 0-9, - and _.")
@click.option("--config", type=FILE, help="How to train it.  [default: the shipped style/STYLE.yaml]")
@click.option("--teacher", type=FILE, help="CartoonGAN's published weights for the style.")
@click.option("--backbone", type=FOLDER, help="The backbone to freeze.  [default: the shipped one]")
@click.option("--init-from", type=FOLDER, help="Start from this adapter instead of none.")
@run_options
def train_adapter(
    style: str,
    config: Path | None,
    teacher: Path | None,
    backbone: Path | None,
    init_from: Path | None,
    run: RunArguments,
) -> None:
    """Train a style as a small adapter on the frozen backbone, following a teacher's pictures.

    \b
    multitoon train-adapter --style hayao --teacher hayao.safetensors --photos photos/ -o runs/hayao
    multitoon train-adapter --style mine --config mine.yaml --cache pairs/ --photos photos/ -o runs/mine

    Without --teacher the pictures in CACHE/STYLE are the teacher's: one PNG of 256 x 256 pixels per photo,
    of the same name. The result is OUTPUT/STYLE: a folder for `multitoon stylize --style OUTPUT/STYLE`.
    """
    _require_training()
    from multitoon.config import load_config
    from multitoon.presets import shipped
    from multitoon.train import runs
    from multitoon.train.config import TrainConfig

    own = shipped("configs") / "style" / f"{style}.yaml"
    path = config or (own if own.is_file() else own.with_name("teacher.yaml"))
    resolved = load_config(TrainConfig, path, run.overrides)
    tasks = tuple(dataclasses.replace(task, style=style) for task in resolved.tasks)
    options = _options(run, {style: teacher} if teacher else {})
    folder = runs.train_adapter(dataclasses.replace(resolved, tasks=tasks), options, backbone, init_from)
    _finish(folder, options, run.as_json)


def _options(run: RunArguments, teachers: Mapping[str, Path]) -> RunOptions:
    from multitoon.train.runs import RunOptions

    return RunOptions(
        photos=run.photos,
        cache=run.cache or run.output / "teacher",
        output=run.output,
        teachers=dict(teachers),
        max_photos=run.max_train_samples,
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


def _require_training() -> None:
    import importlib.util

    if not all(importlib.util.find_spec(name) for name in ("accelerate", "datasets", "rich")):
        raise MissingExtraError("Training", "train")


def _finish(folder: Path, options: RunOptions, as_json: bool) -> None:
    if as_json:
        print_json({"result": str(folder), "run": str(options.output)})
    else:
        click.echo(folder)
    talk(f"samples: {options.output / 'samples'}; log: {options.output / 'log.jsonl'}")
