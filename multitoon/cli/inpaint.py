"""`multitoon inpaint`: damaged photos into whole ones, or into toons; and the bank that helps with it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from multitoon.cli.batch import BatchOptions, Drawn, batch_options, run_batch
from multitoon.cli.drawing import DEFAULT_STYLE, device_option
from multitoon.cli.output import write_json
from multitoon.errors import OutputError, UsageError

if TYPE_CHECKING:
    from multitoon.image import Photo
    from multitoon.inpaint.bank import Bank
    from multitoon.inpaint.mask import Box, MaskOptions
    from multitoon.inpaint.run import InpaintOptions, InpaintResult
    from multitoon.stylize import MultiToon


DETAIL = 0.8
"""`multitoon.inpaint.run.DETAIL`, which cannot be imported here: help texts must not wait for torch."""


def parse_box(text: str) -> Box:
    """A rectangle in pixels.

    >>> parse_box("10,20,64,48")
    (10, 20, 64, 48)
    """
    try:
        x, y, width, height = (int(part) for part in text.split(","))
    except ValueError:
        width = 0
    if width < 1 or height < 1:
        raise click.BadParameter(f"{text!r} should read X,Y,WIDTH,HEIGHT in pixels, such as 10,20,64,48.")
    return x, y, width, height


@click.command(short_help="Fill holes in photos, as photos or toons.")
@batch_options
@click.option(
    "--mask", help="White = hole: a picture, a folder of them, 'alpha', or a color such as '#ff00ff'."
)
@click.option("--invert-mask", is_flag=True, help="Black = hole.")
@click.option("--box", "boxes", metavar="X,Y,W,H", multiple=True, help="A rectangle as hole; repeatable.")
@click.option("--random-blocks", type=click.IntRange(1), metavar="N", help="N random squares, to try it out.")
@click.option(
    "--style", help=f"Draw a toon: a style's name, or an adapter's folder.  [default: {DEFAULT_STYLE}]"
)
@click.option("--photo", "as_photo", is_flag=True, help="Stay a photo: only the hole is changed.")
@click.option(
    "--steps",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Of a search after the matches: slower, hardly nearer.",
)
@click.option(
    "--time-budget", type=click.FloatRange(0, min_open=True), metavar="SECONDS", help="For one photo."
)
@click.option("--restarts", type=click.IntRange(1), default=1, show_default=True, help="The best of so many.")
@click.option(
    "--detail",
    type=click.FloatRange(0, 1),
    default=DETAIL,
    show_default=True,
    help="1: as sharp as the rest, right or wrong; 0: smooth where it is not sure.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Same seed, same pixels.")
@click.option(
    "--bank", type=click.Path(path_type=Path), help="A folder made by inpaint-bank; 'none' for none."
)
@click.option(
    "--report", type=click.Path(path_type=Path, dir_okay=False), help="Write losses to a JSON file."
)
@device_option
def inpaint(
    batch: BatchOptions,
    mask: str | None,
    invert_mask: bool,
    boxes: tuple[str, ...],
    random_blocks: int | None,
    style: str | None,
    as_photo: bool,
    steps: int,
    time_budget: float | None,
    restarts: int,
    detail: float,
    seed: int,
    bank: Path | None,
    report: Path | None,
    device: str,
) -> None:
    """Fill what is missing in photos: photo.jpg becomes photo.inpaint.hayao.png, or photo.inpaint.png.

    \b
    multitoon inpaint photo.png --mask mask.png --style hayao
    multitoon inpaint scans/ --mask masks/ --photo -o clean/
    multitoon inpaint photo.jpg --random-blocks 9 --photo

    INPUT is a file or a folder. A folder of masks holds photo.png or photo_mask.png for photo.jpg. Several
    holes of any shape are filled, each from the region around it; what lies under the mask has no influence.
    """
    if as_photo and style:
        raise UsageError("--photo and --style exclude each other.", "Leave one of them out.")
    if mask is None and not boxes and not random_blocks:
        raise UsageError("Nothing says where the hole is.", "Pass --mask, --box or --random-blocks.")
    if invert_mask and mask is None:
        raise UsageError("--invert-mask has no effect without --mask.")
    name = None if as_photo else style or DEFAULT_STYLE
    if report is not None and report.exists() and not batch.overwrite:
        raise OutputError(f"{report} exists already.", "Pass --overwrite to replace it.")
    rectangles = tuple(parse_box(box) for box in boxes)
    curves: dict[str, object] = {}

    def prepare() -> Callable[[Photo], Drawn]:
        from multitoon.inpaint.mask import MaskOptions
        from multitoon.inpaint.run import InpaintOptions
        from multitoon.stylize import MultiToon

        toon = MultiToon.from_pretrained(device=device)
        masks = MaskOptions(mask, rectangles, random_blocks or 0, invert_mask, seed)
        options = InpaintOptions(steps, time_budget, restarts, seed, detail, _bank(toon, bank))
        return _drawer(toon, name and toon.load_adapter(name), masks, options, curves)

    try:
        run_batch(batch, "inpaint" if name is None else f"inpaint.{Path(name).name}", prepare)
    finally:
        if report is not None and curves:
            write_json(report, curves)


def _bank(toon: MultiToon, folder: Path | None) -> Bank | None:
    """The bank that was asked for, or the shipped one if there is one."""
    from multitoon.checkpoint import adapters_home
    from multitoon.inpaint.bank import FOLDER, load_bank

    if folder is not None:
        return None if str(folder) == "none" else load_bank(toon.network.backbone, folder)
    return load_bank(toon.network.backbone) if (adapters_home() / FOLDER).is_dir() else None


def _drawer(
    toon: MultiToon, style: str | None, masks: MaskOptions, options: InpaintOptions, curves: dict[str, object]
) -> Callable[[Photo], Drawn]:
    from multitoon.inpaint.mask import ALPHA, find_hole
    from multitoon.inpaint.run import inpaint

    provenance = {"style": style or "photo", "inpaint": f"seed {options.seed}, steps {options.steps}"}
    if style:
        provenance["adapter"] = f"{style}:{toon.hash_of(style)[:12]}"

    def drawn(photo: Photo) -> Drawn:
        hole, notes = find_hole(photo, masks)
        if masks.mask == ALPHA:  # what was transparent is filled
            photo = dataclasses.replace(photo, alpha=None)
        result = inpaint(photo, hole, toon, style=style, options=options)
        curves[str(photo.path)] = _curves(result)
        return Drawn(result.image, provenance, notes + result.notes)

    return drawn


def _curves(result: InpaintResult) -> dict[str, object]:
    losses = [[round(loss, 6) for loss in curve] for curve in result.losses]
    return {"seconds": round(result.seconds, 3), "losses": losses}
