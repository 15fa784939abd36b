"""`multitoon inpaint-bank`: latents of many photos, for photos that show too little to fill their holes."""

from __future__ import annotations

from pathlib import Path

import click

from multitoon.cli.output import json_option, print_json, talk
from multitoon.errors import ImageReadError, OutputError


@click.command(short_help="Collect latents of photos for holes that need them.")
@click.option("--photos", type=click.Path(path_type=Path), required=True, help="A folder of photos.")
@click.option("--pattern", default="*", show_default=True, help="Only files of such names: 'openimages_*'.")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The bank's folder.")
@click.option(
    "--cells", type=click.IntRange(1), default=3000, show_default=True, help="How many; 700 bytes each."
)
@click.option(
    "--license", "license_", default="not stated", show_default=True, help="Of the photos; kept with it."
)
@click.option("--credit", multiple=True, help="Who made the photos; repeatable; kept with it.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--overwrite", is_flag=True, help="Replace a bank that exists.")
@json_option
def inpaint_bank(
    photos: Path,
    pattern: str,
    output: Path,
    cells: int,
    license_: str,
    credit: tuple[str, ...],
    seed: int,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Make the bank that `multitoon inpaint --bank FOLDER` searches beside the photo's own known parts.

    \b
    multitoon inpaint-bank --photos photos/ -o my-bank
    multitoon inpaint-bank --photos photos/ --pattern 'sea_*' --license CC0 -o my-bank

    A bank holds small pieces of the photos and their latents, and belongs to the backbone it was made with.
    """
    from multitoon.checkpoint import load_backbone
    from multitoon.data.picture_files import SUFFIXES
    from multitoon.inpaint.bank import NAME, build_bank, save_bank

    found = sorted(path for path in photos.glob(pattern) if path.suffix.lower() in SUFFIXES)
    if not found:
        raise ImageReadError(f"{photos} holds no photo named {pattern}.", "Look at --photos and --pattern.")
    target = output / f"{NAME}.safetensors"
    if target.exists() and not overwrite:
        raise OutputError(f"{target} exists already.", "Pass --overwrite to replace it.")
    talk(f"{len(found)} photos in {photos}")
    bank = build_bank(load_backbone(), found, cells, seed)
    save_bank(bank, output, license=license_, credits=list(credit))
    facts = {"bank": str(target), "cells": len(bank.latents), "bytes": target.stat().st_size}
    if as_json:
        print_json(facts)
    else:
        click.echo(f"{target}: {facts['cells']} cells, {facts['bytes'] / 1e6:.1f} MB")
