"""`multitoon doctor`: what is wrong with a folder of pictures before a style is trained on it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import click

from multitoon.cli.output import json_option, print_json, print_table
from multitoon.errors import UsageError

if TYPE_CHECKING:
    from multitoon.data.doctor import Facts, Problem

SHOWN = 3
"""Files that are named under a problem; --json names all."""


@click.command(short_help="Say what is wrong with folders for training.")
@click.option("--style-images", type=click.Path(path_type=Path), metavar="DIR", help="Pictures of the style.")
@click.option("--photos", type=click.Path(path_type=Path), metavar="DIR", help="Photos to be drawn in it.")
@json_option
def doctor(style_images: Path | None, photos: Path | None, as_json: bool) -> None:
    """Look at every picture of a style's folder and of a folder of photos, and say what to fix.

    \b
    multitoon doctor --style-images ink/ --photos photos/
    multitoon doctor --photos photos/ --json

    Finds files that can't be read, blank and tiny pictures, copies (also of another size or brightness, also
    across the two folders), missing licenses in metadata.jsonl, and styles much lighter, grayer or more
    tinted than the photos. Exit code 1 if something would stop a training.
    """
    from multitoon.data.doctor import inspect_folders

    if style_images is None and photos is None:
        raise UsageError("Nothing to look at.", "Give --style-images DIR, --photos DIR, or both.")
    report = inspect_folders(style_images, photos)
    if as_json:
        print_json(dataclasses.asdict(report))
    else:
        header = ("", "pictures", "damaged", "shorter side", "brightness", "colorfulness", "licenses")
        print_table(header, [_row(facts) for facts in report.folders])
        for problem in report.problems:
            _show(problem)
        if not report.problems:
            click.echo("\nNothing to fix.")
    if report.errors:
        click.get_current_context().exit(1)


def _row(facts: Facts) -> tuple[str, ...]:
    sides, licenses = facts.shorter_side, facts.licenses
    return (
        facts.role,
        str(facts.count),
        str(facts.damaged),
        f"{sides[0]} to {sides[2]}, median {sides[1]}" if sides else "-",
        "-" if facts.brightness is None else f"{facts.brightness:.2f}",
        "-" if facts.colorfulness is None else f"{facts.colorfulness:.3f}",
        "-" if licenses is None else ", ".join(f"{name} {count}" for name, count in licenses.items()),
    )


def _show(problem: Problem) -> None:
    click.echo(f"\n{problem.severity.capitalize()}: {problem.text}\n  {problem.hint}")
    for name in problem.files[:SHOWN]:
        click.echo(f"    {name}")
    if len(problem.files) > SHOWN:
        click.echo(f"    and {len(problem.files) - SHOWN} more (--json names all)")
