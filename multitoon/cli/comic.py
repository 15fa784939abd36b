"""`multitoon comic`: a film, or an album of photos, as a comic to read."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from multitoon.cli.drawing import Drawing, drawing_options
from multitoon.cli.film_time import part_options
from multitoon.cli.output import json_option, print_json, talk
from multitoon.cli.progress import Progress
from multitoon.errors import UsageError

_PATH = click.Path(path_type=Path)


@click.command(short_help="Lay a film, or an album, out as a comic.")
@click.argument("source", metavar="FILM|FOLDER", type=_PATH)
@click.option("-o", "--output", type=_PATH, help="A .pdf, or a folder for a PNG per page.")
@drawing_options
@click.option("--panels", type=click.IntRange(1), help="About how many.  [default: one every 8 seconds]")
@click.option("--subtitles", type=_PATH, metavar="FILE", help="SRT or WebVTT, if not those in the film.")
@click.option("--title", default="", help="In large letters on the first page.")
@click.option("--font", type=_PATH, metavar="FILE", help="TrueType or OpenType, for the words.")
@part_options
@click.option("--overwrite", is_flag=True, help="Replace a comic that exists.")
@json_option
def comic(
    source: Path,
    output: Path | None,
    drawing: Drawing,
    panels: int | None,
    subtitles: Path | None,
    title: str,
    font: Path | None,
    start: float,
    duration: float | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Lay a film out as a comic: its key pictures as toons, in panels, with what is said in them.

    \b
    multitoon comic film.mkv -o comic.pdf --style hayao --title "The Last Harbor"
    multitoon comic film.mp4 --subtitles film.srt --panels 60 -o pages/
    multitoon comic album/ -o album.pdf

    A folder gives a comic of its photos, in the order of their names. No line of the subtitles is left out:
    where much is said, there are more panels. film.mkv becomes film.hayao.pdf beside it without -o.
    """
    from multitoon.comic import album_comic, film_comic

    album = source.is_dir()
    if album and (panels or subtitles or start or duration is not None):
        raise UsageError("--panels, --subtitles, --start and --duration are for films; this is a folder.")
    plain = source.absolute()
    target = output or plain.with_name(f"{plain.name if album else plain.stem}.{drawing.name}.pdf")
    draw, _ = drawing.prepare()
    progress = Progress()
    options = {"title": title, "font": font, "overwrite": overwrite, "on_progress": progress.show}
    try:
        if album:
            report = album_comic(source, target, draw, **options)
        else:
            stop = None if duration is None else start + duration
            report = film_comic(
                source, target, draw, panels=panels, subtitles=subtitles, start=start, stop=stop, **options
            )
    finally:
        progress.end()
    if report.missing_letters:
        talk(f"No font here has {' '.join(report.missing_letters)}; name one with --font FILE.")
    if report.pictures_only:
        talk("The film's subtitles are pictures of words, or empty; give an SRT file with --subtitles.")
    if as_json:
        print_json(dataclasses.asdict(report))
        return
    said = f", {report.lines} subtitles" if report.lines else ""
    talk(f"{report.panels} panels on {report.pages} pages{said}.")
    click.echo(str(target))
