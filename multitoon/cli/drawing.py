"""The options of commands that draw many pictures in one style: which one, how strongly, and where."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from multitoon.cli.stylize import DEFAULT_STYLE, DRAW_SIZE, parse_mix
from multitoon.errors import UsageError

if TYPE_CHECKING:
    from PIL import Image


@dataclasses.dataclass(frozen=True)
class Drawing:
    """The options of `drawing_options`, as typed."""

    style: str | None
    mix: str | None
    strength: float
    preserve_color: bool
    draw_size: int
    backbone: str | None
    device: str

    @property
    def name(self) -> str:
        """The style in one word, for names of files."""
        from multitoon.lookup import short_name

        return "-".join(map(short_name, self._wanted))

    @property
    def _wanted(self) -> dict[str, float]:
        if self.style and self.mix:
            raise UsageError(
                "--style and --mix exclude each other.", f"Write --mix {self.style}:0.5,OTHER:0.5."
            )
        return parse_mix(self.mix) if self.mix else {self.style or DEFAULT_STYLE: 1.0}

    def prepare(self) -> tuple[Callable[[Image.Image], Image.Image], str]:
        """The function that draws a picture, and how it draws, in words for a file's metadata.

        Raises:
            UsageError: --style and --mix together; and all that loading a style may raise.
        """
        # Imported here, not above: help texts must not wait for torch.
        from multitoon.stylize import MultiToon

        toon = MultiToon.from_pretrained(self.backbone, device=self.device)
        toon.set_adapter(self._wanted)
        names = ",".join(f"{name}:{weight:g}" for name, weight in toon.active.items())
        hashes = ",".join(f"{name}:{toon.hash_of(name)[:12]}" for name in toon.active)
        draw = functools.partial(
            toon.stylize,
            strength=self.strength,
            preserve_color=self.preserve_color,
            draw_size=self.draw_size or None,
        )
        return draw, f"style {names}; strength {self.strength:g}; adapter {hashes}"


def drawing_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a click command the options of `Drawing`; it gets them as `drawing`."""

    @functools.wraps(command)
    def packed(**params: object) -> None:
        own = {field.name: params.pop(field.name) for field in dataclasses.fields(Drawing)}
        command(drawing=Drawing(**own), **params)

    for option in reversed(
        [
            click.option(
                "--style", help=f"A style's name, or an adapter's folder.  [default: {DEFAULT_STYLE}]"
            ),
            click.option(
                "--mix", metavar="STYLE:WEIGHT,...", help="Several styles at once: hayao:0.6,ink:0.4."
            ),
            click.option("--strength", type=click.FloatRange(0, 1.5), default=1.0, show_default=True),
            click.option("--preserve-color", is_flag=True, help="The photo's colors, the toon's light."),
            click.option(
                "--draw-size",
                type=click.IntRange(0),
                default=DRAW_SIZE,
                show_default=True,
                metavar="PIXELS",
                help="Shorter side at which to draw: smaller is faster and broader, 0 draws every pixel.",
            ),
            click.option(
                "--backbone", metavar="SOURCE", help="Another backbone: a folder, or OWNER/NAME on the Hub."
            ),
            click.option(
                "--device",
                type=click.Choice(["auto", "cpu", "cuda", "mps"]),
                default="cpu",
                show_default=True,
            ),
        ]
    ):
        packed = option(packed)
    return packed
