"""Photos in, pictures out, for any command that makes one of the other: shared options, loop and report."""

from __future__ import annotations

import dataclasses
import functools
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import click

from multitoon.cli import show_error
from multitoon.cli.output import json_option, print_json, talk
from multitoon.cli.processes import gather, reports, share
from multitoon.errors import MultitoonError, OutputError, UsageError

if TYPE_CHECKING:
    from PIL import Image

    from multitoon.cli.files import Job
    from multitoon.image import Photo


class Drawn(NamedTuple):
    """What a command makes of a photo."""

    image: Image.Image
    """RGB or RGBA."""
    provenance: Mapping[str, str]
    """How it was made, for the file's metadata."""
    notes: tuple[str, ...] = ()
    """What the user should know about it, as parts of a sentence."""


@dataclasses.dataclass(frozen=True)
class BatchOptions:
    """The options of `batch_options`, as typed."""

    inputs: tuple[Path, ...]
    output: Path | None
    recursive: bool
    overwrite: bool
    skip_existing: bool
    dry_run: bool
    format: str | None
    quality: int | None
    as_json: bool


@dataclasses.dataclass
class Record:
    """What became of one photo; a line of the report."""

    input: str
    output: str
    status: Literal["done", "skipped", "failed", "planned"]
    seconds: float = 0.0
    size_wh: tuple[int, int] | None = None
    notes: tuple[str, ...] = ()
    error: str = ""
    hint: str = ""


def batch_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a click command the argument INPUT... and the options for files; it gets them as `batch`."""

    @functools.wraps(command)
    def packed(**params: object) -> None:
        own = {field.name: params.pop(field.name) for field in dataclasses.fields(BatchOptions)}
        command(batch=BatchOptions(**own), **params)

    path = click.Path(path_type=Path)
    for option in reversed(
        [
            click.argument("inputs", metavar="INPUT...", nargs=-1, required=True, type=path),
            click.option("-o", "--output", type=path, help="A folder; for a single photo also a file."),
            click.option("--recursive", "-r", is_flag=True, help="Also the folders inside a folder."),
            click.option("--overwrite", is_flag=True, help="Replace pictures that exist."),
            click.option("--skip-existing", is_flag=True, help="Leave pictures that exist, and go on."),
            click.option("--dry-run", is_flag=True, help="Only say what would be written."),
            click.option("--format", type=click.Choice(["png", "jpg", "webp"]), help="png if not given."),
            click.option("--quality", type=click.IntRange(1, 100), help="Of jpg (92) and webp (90)."),
            json_option,
        ]
    ):
        packed = option(packed)
    return packed


def run_batch(batch: BatchOptions, suffix: str, prepare: Callable[[], Callable[[Photo], Drawn]]) -> None:
    """Draw all photos of `batch` into files called `NAME.SUFFIX.FORMAT`, report, and exit.

    One photo that fails does not stop the others. `prepare` loads what is needed and returns the function
    that draws a photo; it is called once, and only if there is something to draw.

    Raises:
        UsageError: options that contradict each other.
        ImageReadError: a folder without photos.
    """
    # Imported here, not above: help texts must not wait for torch.
    from multitoon.cli.files import plan
    from multitoon.image import format_name

    if batch.overwrite and batch.skip_existing:
        raise UsageError("--overwrite and --skip-existing exclude each other.")
    planned = plan(
        batch.inputs, suffix=suffix, output=batch.output, format=batch.format, recursive=batch.recursive
    )
    if planned.toons:
        talk(f"Left out {len(planned.toons)} toons made by multitoon; name them one by one to draw them.")
    if batch.quality is not None and any(format_name(job.target) == "PNG" for job in planned.jobs):
        raise UsageError("--quality has no effect on png, which loses nothing.", "Add --format jpg or webp.")
    jobs = share(planned.jobs)
    started = time.perf_counter()
    if batch.dry_run:
        records = [Record(str(job.source), str(job.target), _fate(job, batch)) for job in jobs]
        for record in [] if batch.as_json else records:
            click.echo(f"{record.input} -> {record.output}" + (" (skipped)" * (record.status == "skipped")))
    else:
        records = _run(jobs, batch, prepare)
    _report(gather(records), batch, time.perf_counter() - started)


def _fate(job: Job, batch: BatchOptions) -> Literal["skipped", "planned"]:
    return "skipped" if batch.skip_existing and job.target.exists() else "planned"


def _run(
    jobs: list[Job], batch: BatchOptions, prepare: Callable[[], Callable[[Photo], Drawn]]
) -> list[Record]:
    debug = click.get_current_context().find_root().params.get("debug", False)
    draw = prepare() if any(_fate(job, batch) == "planned" for job in jobs) else None
    records, started = [], time.perf_counter()
    for job in jobs:
        record = Record(str(job.source), str(job.target), _fate(job, batch))
        records.append(record)
        if record.status == "skipped":
            continue
        begun = time.perf_counter()
        try:
            _draw_one(job, batch, draw, record)
        except MultitoonError as error:
            if debug:
                raise
            record.status, record.error, record.hint = "failed", str(error), error.hint
            show_error(error)
        record.seconds = round(time.perf_counter() - begun, 3)
        for note in record.notes:
            talk(f"Note: {record.input}: {note}.")
        if record.status == "done" and not batch.as_json:
            click.echo(record.output)
        if len(jobs) > 1:
            left = (time.perf_counter() - started) / len(records) * (len(jobs) - len(records))
            talk(f"[{len(records)}/{len(jobs)}] {job.source.name}: {record.seconds:.1f} s, {left:.0f} s left")
    return records


def _draw_one(job: Job, batch: BatchOptions, draw: Callable[[Photo], Drawn], record: Record) -> None:
    from multitoon.image import format_name, read_photo, write_picture

    if job.target.exists() and not batch.overwrite:
        raise OutputError(f"{job.target} exists already.", "Pass --overwrite or --skip-existing.")
    photo = read_photo(job.source)
    drawn = draw(photo)
    write_picture(
        job.target,
        drawn.image,
        photo=photo,
        provenance=drawn.provenance,
        quality=batch.quality,
        overwrite=batch.overwrite,
    )
    record.status, record.size_wh, record.notes = "done", drawn.image.size, photo.notes + drawn.notes
    if drawn.image.mode == "RGBA" and format_name(job.target) == "JPEG":
        record.notes += ("a JPEG has no alpha, so it lies on white",)


def _report(records: list[Record], batch: BatchOptions, seconds: float) -> None:
    count = {status: sum(r.status == status for r in records) for status in ("done", "skipped", "failed")}
    if reports() and batch.as_json:
        print_json({"results": [dataclasses.asdict(record) for record in records], **count})
    elif reports() and len(records) > 1 and not batch.dry_run:
        talk(", ".join(f"{number} {status}" for status, number in count.items()) + f" in {seconds:.1f} s")
    if count["failed"]:
        click.get_current_context().exit(1 if count["failed"] == len(records) else 3)
