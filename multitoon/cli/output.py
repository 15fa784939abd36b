"""Results on stdout, talk on stderr; `--json` makes the results one JSON value."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from multitoon.whole_file import whole_file

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON value instead of text.")


def print_json(value: object) -> None:
    """`value` as JSON, whole, on stdout."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def write_json(path: Path, value: object) -> None:
    """`value` as JSON in the file `path`, whole or not at all, over what was there.

    Raises:
        OutputError: no permission, or no space.
    """
    with whole_file(path, overwrite=True) as part:
        part.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns as wide as they need to be, on stdout."""
    widths = [max(len(cell) for cell in column) for column in zip(header, *rows, strict=True)]
    for row in (header, *rows):
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def talk(line: str) -> None:
    """What is no result: progress, notes, summaries; on stderr."""
    click.echo(line, err=True)
