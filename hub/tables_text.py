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


def percent(share: float, digits: int = 0) -> str:
    """A share of 1."""
    return f"{100 * share:.{digits}f} %"


def strokes(lines: dict[str, float]) -> str:
    """Pixels in strokes of dark lines, from `multitoon evaluate`'s `lines`."""
    return percent(lines["share"] * lines["strokes"], 1)


def kid(run: dict[str, Any], side: str) -> str:
    """1000 KID-768 of `toon` or `photo` to the style's pictures."""
    return f"{1000 * run['style']['inception']['768']['kid'][side]:.2f}"


def gradients(run: dict[str, Any], side: str) -> str:
    """How far the gradients of `toon` or `photo` are from the style's: sliced Wasserstein, of histograms."""
    return f"{run['style']['gradient'][side]:.2f}"
