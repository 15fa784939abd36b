"""How far a long command is and how long it will take, on stderr: one line that changes, or a few lines."""

from __future__ import annotations

import sys
import time

import click

ON_A_TERMINAL, IN_A_FILE = 0.2, 10.0
"""Seconds between two reports: on a terminal the line is written over, in a log each one stays."""


class Progress:
    """Call `show` as often as there is something new; it prints when it is time to."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._begun: dict[str, float] = {}
        self._shown = time.monotonic()
        self._width = 0

    def show(self, task: str, done: float, total: float | None, detail: str = "") -> None:
        """`task` is `done` of `total` (any unit; None if unknown) on its way; `detail` follows."""
        now = time.monotonic()
        begun = self._begun.setdefault(task, now)
        if now - self._shown < (ON_A_TERMINAL if self._terminal else IN_A_FILE):
            return
        self._shown = now
        parts = [task.capitalize()]
        if total:
            share = min(1.0, done / total)
            parts.append(f"{share:4.0%}")
            if share > 0.01 and now - begun > 1:
                parts.append(f"{clock((now - begun) * (1 - share) / share)} left")
        if detail:
            parts.append(detail)
        self._write("  ".join(parts))

    def end(self) -> None:
        """Clear the line, so that what comes next starts on an empty one."""
        if self._terminal and self._width:
            click.echo("\r" + " " * self._width + "\r", nl=False, err=True)
            self._width = 0

    def _write(self, line: str) -> None:
        if self._terminal:
            click.echo("\r" + line.ljust(self._width), nl=False, err=True)
            self._width = len(line)
        else:
            click.echo(line, err=True)


def clock(seconds: float) -> str:
    """Minutes and seconds, and hours where there are some.

    >>> clock(75), clock(3725)
    ('1:15', '1:02:05')
    """
    whole = round(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
