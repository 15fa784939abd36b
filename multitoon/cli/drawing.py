"""The options of commands that draw many pictures in one style: which one, how strongly, and where."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import click

from multitoon.draw_size import DRAW_SIZE
from multitoon.errors import UsageError

if TYPE_CHECKING:
    from PIL import Image

    from multitoon.stylize import MultiToon

DEFAULT_STYLE = "hayao"

device_option = click.option(
    "--device", type=click.Choice(["auto", "cpu", "cuda", "mps"]), default="cpu", show_default=True
)
paper_option = click.option(
    "--paper/--no-paper",
    default=True,
    help="Lay the toon on the style's paper, where it has one.  [default: paper]",
)


def parse_mix(text: str) -> dict[str, float]:
    """Styles and weights.

    >>> parse_mix("hayao:0.6,ink:0.4")
    {'hayao': 0.6, 'ink': 0.4}
    """
    mix: dict[str, float] = {}
    for part in text.split(","):
        style, _, weight = part.strip().rpartition(":")
        try:
            mix[style] = float(weight)
        except ValueError:
            style = ""
        if not style:
            raise click.BadParameter(f"{part.strip()!r} should read STYLE:WEIGHT, such as hayao:0.6.")
    return mix


@dataclasses.dataclass(frozen=True)
class Drawing:
    """The options of `drawing_options`, as typed."""

    style: str | None
    mix: str | None
    strength: float
    preserve_color: bool
    paper: bool
    draw_size: int
    backbone: str | None
    device: str

    @property
    def name(self) -> str:
        """The style in one word, for names of files."""
        from multitoon.lookup import short_name

        return "-".join(map(short_name, self.wanted))

    @property
    def wanted(self) -> dict[str, float]:
        """The styles and their weights.

        Raises:
            UsageError: --style and --mix together.
        """
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
        toon = self.load()
        toon.set_adapter(self.wanted)
        names, hashes = in_words(toon.active), hashes_of(toon, toon.active)
        return self.drawn_by(toon), f"style {names}; strength {self.strength:g}; adapter {hashes}"

    def load(self) -> MultiToon:
        """The backbone on its device; no style is active yet."""
        # Imported here, not above: help texts must not wait for torch.
        from multitoon.stylize import MultiToon

        return MultiToon.from_pretrained(self.backbone, device=self.device)

    def drawn_by(self, toon: MultiToon) -> Callable[..., Image.Image]:
        """`toon.stylize` with these options."""
        return functools.partial(
            toon.stylize,
            strength=self.strength,
            preserve_color=self.preserve_color,
            paper=self.paper,
            draw_size=self.draw_size or None,
        )


def in_words(mix: Mapping[str, float]) -> str:
    """Styles and their weights, for a file's metadata: the inverse of `parse_mix`."""
    return ",".join(f"{name}:{weight:g}" for name, weight in mix.items())


def hashes_of(toon: MultiToon, names: Iterable[str]) -> str:
    """Each of the loaded styles `names` once, with what begins the hash of its file."""
    return ",".join(f"{name}:{toon.hash_of(name)[:12]}" for name in dict.fromkeys(names))


def drawing_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a click command the options of `Drawing`; it gets them as `drawing`."""

    @functools.wraps(command)
    def packed(**params: object) -> None:
        own = {field.name: params.pop(field.name) for field in dataclasses.fields(Drawing)}
        command(drawing=Drawing(**own), **params)

    for option in reversed(
        [
            click.option(
                "--style",
                help="A style's name, an adapter's folder, or OWNER/NAME on the Hub.  "
                f"[default: {DEFAULT_STYLE}]",
            ),
            click.option(
                "--mix", metavar="STYLE:WEIGHT,...", help="Several styles at once: hayao:0.6,ink:0.4."
            ),
            click.option(
                "--strength",
                type=click.FloatRange(0, 1.5),
                default=1.0,
                show_default=True,
                help="How much of the style.",
            ),
            click.option(
                "--preserve-color", is_flag=True, help="The photo's colors under the toon's light and shade."
            ),
            paper_option,
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
            device_option,
        ]
    ):
        packed = option(packed)
    return packed
