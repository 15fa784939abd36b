"""Which pictures are measured against which, and at which size: squares of 256, cut from the center."""

from __future__ import annotations

from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from multitoon.data.picture_files import SUFFIXES, picture_files
from multitoon.errors import ImageReadError, UsageError
from multitoon.image import middle_square, read_photo, to_tensor

SIDE = 256
"""Pixels: the size that the teachers draw at and that lengths in all measures refer to."""


def pictures_in(folder: Path) -> list[Path]:
    """The pictures in `folder`, sorted by name.

    Raises:
        ImageReadError: no such folder, or one without pictures.
    """
    found = picture_files(folder)
    if not found:
        raise ImageReadError(f"{folder} holds no pictures.", f"Looked for {', '.join(SUFFIXES)}.")
    return found


def matching(photos: list[Path], folder: Path) -> list[Path]:
    """For each photo its picture in `folder`: `photo.png`, or `photo.hayao.png` as `stylize` names it.

    Raises:
        ImageReadError: a photo has none.
        UsageError: a photo has several.
    """
    toons = pictures_in(folder)
    found = []
    for photo in photos:
        own = [toon for toon in toons if toon.stem == photo.stem or toon.name.startswith(f"{photo.stem}.")]
        if not own:
            raise ImageReadError(f"{folder} holds no picture of {photo.name}.")
        if len(own) > 1:
            names = ", ".join(toon.name for toon in own)
            raise UsageError(f"{folder} holds several pictures of {photo.name}: {names}.", "Keep one style.")
        found += own
    return found


def square(image: Image.Image) -> Image.Image:
    """The largest centered square of `image`, resized to `SIDE`; one of that size comes back as it is."""
    if image.size == (SIDE, SIDE):
        return image
    return middle_square(image).resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def read_square(path: Path) -> Tensor:
    """The square of the picture at `path`, (1, 3, SIDE, SIDE) float64 in [-1, 1].

    Raises:
        ImageReadError: as `read_photo`.
    """
    return exact(square(read_photo(path).rgb))


def exact(image: Image.Image) -> Tensor:
    """`image` in float64, in which the order of a sum does not show in a printed figure."""
    return to_tensor(image).to(torch.float64)
