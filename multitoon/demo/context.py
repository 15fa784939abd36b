"""What every tab works with: the model, the limits, and pictures that are drawn once."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from PIL import Image

from multitoon.demo.brush import canvas_file
from multitoon.demo.engine import Engine
from multitoon.demo.examples import draw_examples, examples
from multitoon.demo.look import square
from multitoon.demo.settings import DemoSettings
from multitoon.demo.uploads import read_upload
from multitoon.image import Photo, read_photo

TILE_PHOTO = "chelsea"
"""The example whose toons are the styles' tiles."""


@dataclasses.dataclass(frozen=True)
class Context:
    """Made once per process, shared by all visitors, never changed."""

    engine: Engine
    settings: DemoSettings
    sample: str
    """The example that is shown while there is no photo yet."""
    drawn: Mapping[tuple[str, str], str]
    """Toons of the examples, by photo's path and style."""

    @classmethod
    def prepared(cls, settings: DemoSettings | None = None, engine: Engine | None = None) -> Context:
        """A loaded and warm model, and the examples' toons."""
        engine = engine or Engine()
        drawn = draw_examples(engine)
        return cls(engine, settings or DemoSettings(), str(examples()[0].path), drawn)

    def read(self, path: str) -> Photo:
        """An upload within this page's limits (see `uploads.read_upload`)."""
        return read_upload(path, self.settings.max_megapixels)

    def canvas(self, path: str | None = None) -> dict[str, Any]:
        """The value of an editor (see `brush.painting`) for an upload, or for the example."""
        return canvas_file(self.read(path or self.sample))

    def tile(self, style: str) -> Image.Image:
        """The picture on the tile of `style`."""
        photo = next(e.path for e in examples() if e.path.stem == TILE_PHOTO)
        if (str(photo), style) in self.drawn:
            return square(read_photo(self.drawn[str(photo), style]).rgb)
        return square(self.engine.draw(read_photo(photo), {style: 1.0}, max_size=320).image)
