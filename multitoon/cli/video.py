"""`multitoon video`: a film drawn as a toon."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import click

from multitoon.cli.drawing import Drawing, drawing_options
from multitoon.cli.film_time import part_options
from multitoon.cli.output import json_option, print_json, talk
from multitoon.cli.progress import Progress, clock
from multitoon.errors import OutputError

if TYPE_CHECKING:
    from multitoon.video import VideoReport

CODECS = ("h264", "h265", "vp9", "av1")
"""Keys of `multitoon.encoders.ENCODERS`."""


@click.command(short_help="Draw a film as a toon, with its sound.")
@click.argument("film", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A file: .mp4, .mkv, .mov or .webm.")
@drawing_options
@click.option("--steady", is_flag=True, help="Less shimmer while the camera moves, in four times the time.")
@click.option("--max-size", type=click.IntRange(16), metavar="PIXELS", help="Scale down to this longer side.")
@part_options
@click.option("--codec", type=click.Choice(CODECS), help="h264, in .webm vp9, if not given.")
@click.option("--crf", type=click.IntRange(0, 63), help="Quality: lower is better.  [default: 20 for h264]")
@click.option("--overwrite", is_flag=True, help="Replace a film that exists.")
@json_option
def video(
    film: Path,
    output: Path | None,
    drawing: Drawing,
    steady: bool,
    max_size: int | None,
    start: float,
    duration: float | None,
    codec: str | None,
    crf: int | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Draw a film as a toon: film.mp4 becomes film.hayao.mp4 beside it.

    \b
    multitoon video film.mp4 -o toon.mp4 --style hayao
    multitoon video film.mkv --mix hayao:0.5,ink:0.5 --max-size 960 --start 1:00 --duration 30

    Sound and subtitles are copied bit for bit, each frame keeps its time. Interrupted, it leaves nothing.
    Try a style on a few seconds first: --start and --duration.
    """
    from multitoon.encoders import SUFFIXES
    from multitoon.video import draw_video

    suffix = film.suffix if film.suffix.lower() in SUFFIXES else ".mp4"
    target = output or film.with_name(f"{film.stem}.{drawing.name}{suffix}")
    if target.exists() and not overwrite:  # before the network is loaded
        raise OutputError(f"{target} exists already.", "Pass --overwrite to replace it.")
    draw, words = drawing.prepare()
    if steady:
        from multitoon.steady import steady as averaged

        draw, words = averaged(draw, drawing.draw_size or None), f"{words}; steady"
    length, progress = _length(film, start, duration), Progress()

    def tell(seconds: float, report: VideoReport) -> None:
        rate = report.frames / max(report.took, 1e-6)
        progress.show("drawing", seconds, length, f"{report.frames:,} frames, {rate:.1f} a second")

    try:
        report = draw_video(
            film,
            target,
            draw,
            max_size=max_size,
            start=start,
            duration=duration,
            codec=codec,
            crf=crf,
            comment=words,
            overwrite=overwrite,
            on_progress=tell,
        )
    finally:
        progress.end()
    if as_json:
        print_json({"output": str(target), **dataclasses.asdict(report)})
        return
    same = report.frames - report.drawn
    talk(
        f"{report.frames:,} frames ({clock(report.seconds)} of film) in {clock(report.took)}, "
        f"{report.frames / max(report.took, 1e-6):.1f} a second"
        + (f"; {same:,} repeat the last" * bool(same))
    )
    for what, streams in (
        ("Copied", report.copied),
        ("Left out, as the file can't hold it", report.left_out),
    ):
        if streams:
            talk(f"{what}: {', '.join(streams)}.")
    if report.damaged:
        talk(f"{report.damaged:,} damaged packets of the film were passed over.")
    click.echo(str(target))


def _length(film: Path, start: float, duration: float | None) -> float | None:
    """Seconds that will be drawn, if the file says how long it is."""
    from multitoon.data.film import open_film

    with open_film(film) as opened:
        whole = opened.seconds
    left = None if whole is None else max(0.0, whole - start)
    return min(filter(None, (left, duration)), default=None)
