"""`multitoon frames`: the pictures of a film that a style can be trained on."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from multitoon.cli.film_time import part_options
from multitoon.cli.output import json_option, print_json, talk
from multitoon.cli.progress import Progress, clock


@click.command(short_help="Take the best still pictures out of a film.")
@click.argument("film", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), required=True, help="Folder for the pictures.")
@click.option("--size", type=click.IntRange(16), default=256, show_default=True, help="Shorter side, pixels.")
@click.option("--count", type=click.IntRange(1), default=500, show_default=True, help="At most so many.")
@click.option("--square", is_flag=True, help="Only the middle square.")
@part_options
@click.option("--license", default="", help="Of the film, for metadata.jsonl.")
@click.option("--format", type=click.Choice(["png", "jpg", "webp"]), default="png", show_default=True)
@click.option("--overwrite", is_flag=True, help="Replace the frames taken from this film before.")
@json_option
def frames(
    film: Path,
    out: Path,
    size: int,
    count: int,
    square: bool,
    start: float,
    duration: float | None,
    license: str,
    format: str,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Take the best still pictures out of a film, spread over all of it, to train a style on.

    \b
    multitoon frames film.mp4 --out frames/
    multitoon frames film.mkv --out frames/ --size 288 --count 300 --start 2:00 --duration 1:20:00

    Black, blank, title and blurred frames, dissolves and what repeats other frames are left out, black bars
    cut off. The folder also gets metadata.jsonl and FILM.frames.json, the report of what was dropped and why.
    Several films may share a folder.
    """
    from multitoon.data.frame_folder import save_frames

    progress = Progress()
    try:
        report = save_frames(
            film,
            out,
            count,
            size=size,
            square=square,
            start=start,
            stop=None if duration is None else start + duration,
            license=license,
            format=format,
            overwrite=overwrite,
            on_progress=progress.show,
        )
    finally:
        progress.end()
    if as_json:
        print_json(dataclasses.asdict(report))
        return
    shots = f"{report.shots:,} shot{'' if report.shots == 1 else 's'}"
    talk(f"Looked at {report.looked_at:,} frames in {shots}.")
    for reason, number in report.dropped.items():
        talk(f"{number:7,} {reason}")
    if any(report.bars):
        left, top, right, bottom = report.bars
        talk(f"Bars cut off: left {left} %, top {top} %, right {right} %, bottom {bottom} %.")
    if report.damaged:
        talk(f"{report.damaged:,} damaged packets of the film were passed over.")
    if report.frames:
        first, last = (clock(report.frames[i]["seconds"]) for i in (0, -1))
        talk(f"{len(report.frames):7,} taken, from {first} to {last}.")
        click.echo(str(out))
    else:
        talk("No frame is left; nothing was written.")
        click.get_current_context().exit(1)
