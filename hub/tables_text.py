"""Tables for the README."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Load = Callable[[str], dict[str, Any]]
"""From a name to what `hub/figures/NAME.json` holds."""


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows of text in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def made_by(*commands: str, note: str = "") -> str:
    """What stands under a table: conditions, and the commands that its numbers come from."""
    code = "\n".join(commands)
    return f"\n{note}:\n\n```sh\n{code}\n```\n"
