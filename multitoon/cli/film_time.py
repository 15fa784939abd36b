"""Times of a film as users type them: 90, 1:30 or 1:02:03.5."""

from __future__ import annotations

from collections.abc import Callable

import click


class FilmTime(click.ParamType):
    """Seconds, from seconds, MM:SS or HH:MM:SS."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds as a float; a usage error for anything else."""
        parts = str(value).split(":")
        try:
            numbers = [float(part) for part in parts]
        except ValueError:
            numbers = []
        if not 1 <= len(numbers) <= 3 or not all(0 <= number < 1e6 for number in numbers):
            self.fail(f"{value!r} should read 90, 1:30 or 1:02:03.5.", param, ctx)
        return sum(number * 60**i for i, number in enumerate(reversed(numbers)))


def part_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a click command --start and --duration, in seconds."""
    start = click.option(
        "--start", type=FilmTime(), default=0.0, metavar="TIME", help="Begin there: 90, 1:30 or 1:02:03.5."
    )
    duration = click.option("--duration", type=FilmTime(), metavar="TIME", help="Only so much of the film.")
    return start(duration(command))
