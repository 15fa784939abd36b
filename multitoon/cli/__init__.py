"""The command `multitoon`: a group whose commands are imported when they are used.

Exit codes: 0 all done, 1 failed, 2 wrong usage, 3 part of a batch failed, 130 interrupted.
"""

from __future__ import annotations

import importlib

import click

from multitoon import __version__
from multitoon.errors import MultitoonError, UnknownNameError, UsageError

COMMANDS = {
    "abstract": ("multitoon.cli.abstract", "abstract", "Draw photos as cartoons without a network."),
    "adapters": ("multitoon.cli.adapters", "adapters", "List, check, fetch and publish styles."),
    "bench": ("multitoon.cli.bench", "bench", "Time a merged network beside other ONNX files."),
    "comic": ("multitoon.cli.comic", "comic", "Lay a film, or an album, out as a comic."),
    "demo": ("multitoon.cli.demo", "demo", "Open the page in the browser: stylize, mix, inpaint, train."),
    "doctor": ("multitoon.cli.doctor", "doctor", "Say what is wrong with folders for training."),
    "evaluate": ("multitoon.cli.evaluate", "evaluate", "Measure a style, or a folder of toons, on photos."),
    "export": ("multitoon.cli.export", "export", "Write a style as one plain network, or as a web page."),
    "frames": ("multitoon.cli.frames", "frames", "Take the best still pictures out of a film."),
    "inpaint": ("multitoon.cli.inpaint", "inpaint", "Fill holes in photos, as photos or toons."),
    "inpaint-bank": (
        "multitoon.cli.inpaint_bank",
        "inpaint_bank",
        "Collect latents of photos for holes that need them.",
    ),
    "run-exported": (
        "multitoon.cli.run_exported",
        "run_exported",
        "Draw a photo with an exported ONNX file, without torch.",
    ),
    "stylize": ("multitoon.cli.stylize", "stylize", "Draw photos, or folders of them, as toons."),
    "train-adapter": (
        "multitoon.cli.train",
        "train_adapter",
        "Train a style as a small adapter on the frozen backbone.",
    ),
    "train-backbone": (
        "multitoon.cli.train",
        "train_backbone",
        "Train the shared network with several teachers at once.",
    ),
    "transfer": (
        "multitoon.cli.transfer",
        "transfer",
        "Draw photos in the manner of one painting, slowly, without training.",
    ),
    "video": ("multitoon.cli.video", "video", "Draw a film as a toon, with its sound."),
}
"""Command: where it lives, and its line in `multitoon --help`, which imports none of them."""


class LazyGroup(click.Group):
    """Commands from `COMMANDS`; errors of this package as one line and a hint."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        return getattr(importlib.import_module(module), attribute)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            raise UnknownNameError("command", args[0], COMMANDS)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][2]) for name in self.list_commands(ctx)])

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except MultitoonError as error:
            if ctx.params["debug"]:
                raise
            show_error(error)
            ctx.exit(2 if isinstance(error, UsageError) else 1)
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
            ctx.exit(130)


def show_error(error: MultitoonError) -> None:
    """One line for what happened and one for what helps, on stderr."""
    click.echo(f"Error: {error}", err=True)
    if error.hint:
        click.echo(f"Hint: {error.hint}", err=True)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="multitoon", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, help="Stop at the first error, with its traceback.")
def main(debug: bool) -> None:
    """Photos, albums and films as cartoons.

    \b
    multitoon stylize photo.jpg
    multitoon stylize album/ --style ink -o toons/

    \b
    Exit codes: 0 all done, 1 failed, 2 wrong usage,
    3 part of a batch failed, 130 interrupted.
    """
