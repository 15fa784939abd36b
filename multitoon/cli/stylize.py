"""`multitoon stylize`: photos and folders into toons."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from multitoon.cli.batch import BatchOptions, Drawn, batch_options, run_batch
from multitoon.cli.drawing import Drawing, drawing_options, hashes_of, in_words
from multitoon.errors import UsageError

if TYPE_CHECKING:
    from PIL import Image

    from multitoon.image import Photo
    from multitoon.stylize import MultiToon

    Draw = Callable[[Photo], Image.Image]

SHEET_SIZE = 768
"""Longer side in pixels of the pictures on a sheet of all styles, unless --max-size says otherwise."""


def parse_region(text: str) -> tuple[Path, str]:
    """A mask's file and the style that is drawn where it is white.

    >>> parse_region("mask.png:ink")[1]
    'ink'
    """
    mask, _, style = text.rpartition(":")
    if not mask or not style:
        raise click.BadParameter(f"{text!r} should read MASK:STYLE, such as mask.png:ink.")
    return Path(mask), style


@click.command(short_help="Draw photos, or folders of them, as toons.")
@batch_options
@drawing_options
@click.option("--region", metavar="MASK:STYLE", multiple=True, help="STYLE where MASK is white; repeatable.")
@click.option("--all-styles", is_flag=True, help="A contact sheet of the photo in every style instead.")
@click.option("--compare", is_flag=True, help="Photo and toon side by side instead.")
@click.option(
    "--max-size", type=click.IntRange(1), metavar="PIXELS", help="Scale down to this longer side first."
)
def stylize(
    batch: BatchOptions,
    drawing: Drawing,
    region: tuple[str, ...],
    all_styles: bool,
    compare: bool,
    max_size: int | None,
) -> None:
    """Draw photos as toons: photo.jpg becomes photo.hayao.png beside it, of the same size.

    \b
    multitoon stylize photo.jpg
    multitoon stylize album/ --recursive --style ink --strength 0.8 -o toons/
    multitoon stylize photo.jpg --style ink --region person.png:hayao
    multitoon stylize photo.jpg --style someone/multitoon-ink@v1

    INPUT is a file or a folder. Where all masks are black, --style or --mix is drawn. On several processes:
    torchrun --nproc-per-node 2 -m multitoon stylize album/ -o toons/
    """
    outside = drawing.wanted
    if all_styles and (drawing.style or drawing.mix or region or compare):
        raise UsageError("--all-styles draws every style: leave --style, --mix, --region and --compare out.")
    regions = [parse_region(text) for text in region]

    def prepare() -> Callable[[Photo], Drawn]:
        toon, strength = drawing.load(), f"{drawing.strength:g}"
        draw = drawing.drawn_by(toon)
        if all_styles:
            return _sheet_drawer(toon, draw, max_size or SHEET_SIZE, strength)
        masks = _load(toon, outside, regions)
        draw = partial(draw, regions=masks)
        return _toon_drawer(toon, draw, list(masks), max_size, compare, strength)

    from multitoon.lookup import short_name

    names = [short_name(name) for name in [*outside, *(name for _, name in regions)]]
    suffix = "styles" if all_styles else "-".join(dict.fromkeys(names))
    run_batch(batch, f"{suffix}.compare" if compare else suffix, prepare)


def _load(
    toon: MultiToon, outside: dict[str, float], regions: list[tuple[Path, str]]
) -> dict[str, Image.Image]:
    """Load adapters by name or folder, make `outside` active, and return the masks by style."""
    from multitoon.image import read_photo

    names = {source: toon.load_adapter(source) for source in [*outside, *(name for _, name in regions)]}
    if len(set(names.values())) < len(names):
        raise UsageError(
            f"Two adapters of one name: {', '.join(names)}.",
            "In Python, load_adapter(SOURCE, NAME) renames one.",
        )
    toon.set_adapter({names[source]: weight for source, weight in outside.items()})
    masks = {}
    for path, name in regions:
        mask = read_photo(path)
        masks[names[name]] = mask.finish(mask.rgb)
    return masks


def _toon_drawer(
    toon: MultiToon, draw: Draw, inside: list[str], max_size: int | None, compare: bool, strength: str
) -> Callable[[Photo], Drawn]:
    from multitoon.sheet import contact_sheet

    style = in_words(toon.active)
    hashes = hashes_of(toon, [*toon.active, *inside])
    provenance = {"style": style, "strength": strength, "adapter": hashes}
    if inside:
        provenance["regions"] = ",".join(inside)

    def drawn(photo: Photo) -> Drawn:
        photo = photo if max_size is None else photo.scaled(max_size)
        image = draw(photo)
        if compare:
            image = contact_sheet([{"photo": photo.finish(photo.rgb), " + ".join([style, *inside]): image}])
        return Drawn(image, provenance)

    return drawn


def _sheet_drawer(toon: MultiToon, draw: Draw, max_size: int, strength: str) -> Callable[[Photo], Drawn]:
    from multitoon.sheet import contact_sheet

    if not toon.styles:
        raise UsageError("--all-styles found none beside that backbone.", "Name one: --style OWNER/NAME")
    styles = [toon.load_adapter(name) for name in toon.styles]
    provenance = {"style": ",".join(styles), "strength": strength, "adapter": hashes_of(toon, styles)}

    def drawn(photo: Photo) -> Drawn:
        photo = photo.scaled(max_size)
        pictures = {"photo": photo.finish(photo.rgb)}
        for style in styles:
            toon.set_adapter(style)
            pictures[style] = draw(photo)
        return Drawn(contact_sheet([pictures], columns=3), provenance)

    return drawn
