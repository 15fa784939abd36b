"""The example photos, their credits, and their toons, drawn once when the page starts."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import gradio as gr

from multitoon.demo.engine import Engine
from multitoon.demo.results import kept_folder, write_toon
from multitoon.image import Photo, read_photo

PHOTOS = Path(__file__).parent / "photos"
"""Made by `hub/example_photos.py`."""
FIRST = "coffee"
"""What the page shows before the visitor's own photo."""


@dataclasses.dataclass(frozen=True)
class Example:
    """A photo that is free to show."""

    path: Path
    credit: str

    @property
    def photo(self) -> Photo:
        return read_photo(self.path)


def examples() -> list[Example]:
    """The example photos, `FIRST` before the others."""
    credits = dict(line.split(": ", 1) for line in (PHOTOS / "CREDITS.txt").read_text().splitlines())
    found = [Example(PHOTOS / name, credit) for name, credit in credits.items()]
    return sorted(found, key=lambda example: example.path.stem != FIRST)


def draw_examples(engine: Engine) -> dict[tuple[str, str], str]:
    """PNG files of every example in every shipped style, by photo's path and style."""
    # Served where it lies, an example keeps the path that its toons are found by.
    gr.set_static_paths([PHOTOS])
    drawn, folder = {}, kept_folder()
    for example in examples():
        photo = example.photo
        for style in engine.shipped:
            name = f"{example.path.stem}.{style}.png"
            toon = engine.draw(photo, {style: 1.0})
            drawn[str(example.path), style] = write_toon(toon, photo, name, folder)
    return drawn
