"""`multitoon abstract`: photos into cartoons, line drawings or pictures of their flow, without a network."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from multitoon.cli.batch import BatchOptions, Drawn, batch_options, run_batch
from multitoon.errors import UsageError

if TYPE_CHECKING:
    from torch import Tensor

    from multitoon.image import Photo


@click.command(short_help="Draw photos as cartoons without a network.")
@batch_options
@click.option("--lines-only", is_flag=True, help="Only the lines, black on white.")
@click.option("--levels", type=click.IntRange(2, 256), help="Shades of luminance.  [default: 8]")
@click.option("--flow-image", is_flag=True, help="The flow that lines and colors follow, as combed noise.")
def abstract(batch: BatchOptions, lines_only: bool, levels: int | None, flow_image: bool) -> None:
    """Draw photos as cartoons by flow-based image abstraction (Kang, Lee, Chui 2009), without a network.

    \b
    multitoon abstract photo.jpg
    multitoon abstract album/ --recursive --levels 5 -o cartoons/
    multitoon abstract photo.jpg --lines-only

    INPUT are files or folders. photo.jpg becomes photo.abstract.png beside it, of the same size, or
    photo.lines.png, or photo.flow.png.
    """
    if lines_only and flow_image:
        raise UsageError("--lines-only and --flow-image exclude each other.")
    if levels is not None and (lines_only or flow_image):
        raise UsageError("--levels has no effect on lines and flow: leave it out.")
    kind = "lines" if lines_only else "flow" if flow_image else "abstract"
    run_batch(batch, kind, lambda: _drawer(kind, levels))


def _drawer(kind: str, levels: int | None) -> Callable[[Photo], Drawn]:
    # Imported here, not above: help texts must not wait for torch.
    import torch

    from multitoon.filters.abstraction import DEFAULT, abstract, draw_flow, draw_lines
    from multitoon.image import to_image, to_tensor

    config = DEFAULT if levels is None else dataclasses.replace(DEFAULT, levels=levels)

    def picture(x: Tensor) -> Tensor:
        if kind == "abstract":
            return abstract(x, config)
        gray = draw_lines(x, config) if kind == "lines" else draw_flow(x, config)
        return (gray * 2 - 1).expand(-1, 3, -1, -1)

    provenance = {"style": kind, **({"levels": str(config.levels)} if kind == "abstract" else {})}

    def draw(photo: Photo) -> Drawn:
        with torch.inference_mode():
            image = to_image(picture(to_tensor(photo.rgb)))
        return Drawn(photo.finish(image), provenance)

    return draw
