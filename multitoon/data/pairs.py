"""Photos and what the classical filters make of them, for initializing a generator, cached on disk.

A toon lies in `CACHE/<hash of the config>/<hash of the photo>.png`. The first hash covers every parameter and
this package's version, the second the photo's pixels: renaming photos costs nothing, and a toon that was
drawn otherwise is never taken for one of these.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from multitoon import __version__
from multitoon.config import to_dict
from multitoon.data.outline import DRAWING, line_sheet
from multitoon.filters.abstraction import DEFAULT, AbstractionConfig, abstract
from multitoon.filters.ink import INK, InkConfig, paint_ink
from multitoon.image import read_photo, to_image, to_pixels, to_tensor, write_picture


def abstraction_pairs(
    photos: Iterable[Path], cache: Path, config: AbstractionConfig = DEFAULT, max_size: int = 512
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yields (photo, toon), each (3, H, W) uint8 RGB, in the order of `photos`; draws only what is missing.

    Args:
        cache: a folder, made when needed. Several processes may share it.
        config: see `multitoon.filters.abstraction`.
        max_size: photos are scaled down to this longer side first, pixels.

    Raises:
        ImageReadError: a photo, or a toon in the cache, that is not a readable picture.
        OutputError: `cache` cannot be written to.
    """
    for path in photos:
        photo = read_photo(path).scaled(max_size).rgb
        yield to_pixels(photo)[0], to_pixels(cached_abstraction(photo, cache, config))[0]


def cached_abstraction(photo: Image.Image, cache: Path, config: AbstractionConfig = DEFAULT) -> Image.Image:
    """The toon of an RGB `photo`, of the same size, from `cache`; drawn and written there if it is missing.

    Raises:
        ImageReadError, OutputError: as `abstraction_pairs`.
    """
    return _cached(photo, cache / config_hash(config), lambda x: abstract(x, config), "abstract")


def cached_ink(photo: Image.Image, cache: Path, config: InkConfig = INK) -> Image.Image:
    """The ink painting of an RGB `photo` (`filters/ink.py`), otherwise as `cached_abstraction`.

    Raises:
        ImageReadError, OutputError: as `abstraction_pairs`.
    """
    return _cached(photo, cache / config_hash(config), lambda x: paint_ink(x, config), "ink filter")


def cached_lines(photo: Image.Image, cache: Path) -> Image.Image:
    """The sheet of lines of an RGB `photo` (`data/outline.py`), otherwise as `cached_abstraction`.

    Raises:
        ImageReadError, OutputError: as `abstraction_pairs`.
    """
    return _cached(photo, cache / config_hash(DRAWING), line_sheet, "lines")


def _cached(photo: Image.Image, folder: Path, paint: Callable[[Tensor], Tensor], made_by: str) -> Image.Image:
    path = folder / f"{_photo_hash(photo)}.png"
    if path.exists():
        return read_photo(path).rgb
    with torch.inference_mode():
        toon = to_image(paint(to_tensor(photo)))
    # Written whole or not at all. Another process may have been faster: its toon is the same.
    write_picture(path, toon, provenance={"style": made_by}, overwrite=True)
    return toon


def config_hash(config: AbstractionConfig | InkConfig) -> str:
    """12 hex digits that change with any parameter and with this package's version."""
    text = json.dumps({"version": __version__, **to_dict(config)}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _photo_hash(photo: Image.Image) -> str:
    digest = hashlib.sha256(f"{photo.mode} {photo.size}".encode())
    digest.update(photo.tobytes())
    return digest.hexdigest()[:32]
