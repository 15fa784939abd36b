"""The photos that int8 is fitted to, and others that its loss is measured on."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import torch
from PIL import ImageOps
from torch import Tensor

from multitoon.data.picture_files import SUFFIXES, picture_files
from multitoon.errors import ImageReadError
from multitoon.image import read_photo, to_tensor

FITTED, MEASURED = 32, 8
"""At most so many photos; more change the third digit of the loss and take longer."""
SIZE = (256, 256)
"""(H, W) in pixels that ranges are found at, unless the export is bound to another size."""


@dataclasses.dataclass(frozen=True)
class Calibration:
    """Photos by file; in a folder of fewer than two, one photo serves for both."""

    fitted: tuple[Path, ...]
    measured: tuple[Path, ...]


def calibration(folder: Path) -> Calibration:
    """The photos in `folder`, spread over it by name; none that is measured on was fitted to.

    Raises:
        ImageReadError: no such folder, or one without photos.
    """
    found = picture_files(folder)
    if not found:
        raise ImageReadError(
            f"{folder} holds no photos to calibrate on.", f"Looked for {', '.join(SUFFIXES)}."
        )
    measured = _spread(found, min(MEASURED, max(1, len(found) // 5)))
    fitted = [path for path in found if path not in measured] or measured
    return Calibration(tuple(_spread(fitted, FITTED)), tuple(measured))


def crop(path: Path, size: tuple[int, int]) -> Tensor:
    """The middle of the photo at `path`, scaled to `size` (H, W): (1, 3, H, W) in [-1, 1].

    Raises:
        ImageReadError: as `image.read_photo`.
    """
    return to_tensor(ImageOps.fit(read_photo(path).rgb, size[::-1]))


def batch(paths: tuple[Path, ...], start: int, count: int, size: tuple[int, int]) -> Tensor:
    """`count` photos from `paths[start]` on, beginning again at the end: (count, 3, H, W) in [-1, 1]."""
    return torch.cat([crop(paths[(start + i) % len(paths)], size) for i in range(count)])


def _spread(paths: list[Path], count: int) -> list[Path]:
    """At most `count` of `paths`, evenly apart."""
    count = min(count, len(paths))
    return [paths[i * len(paths) // count] for i in range(count)]
