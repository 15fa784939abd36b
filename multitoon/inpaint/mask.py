"""Where the hole is: from a mask's file, the photo's alpha, a color painted over it, boxes, or chance.

A hole is (1, 1, H, W) float, 1 = hole. What a user should know about it comes back as notes.
"""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from multitoon.errors import ImageReadError, UsageError
from multitoon.image import FORMATS, Photo, read_photo, to_pixels

ALPHA = "alpha"
"""What a user writes instead of a mask's file, for the transparent parts of the photo."""
WHITE = 128
"""Level of 255 from which a mask is white; alpha below it is a hole."""
COLOR_TOLERANCE = 48
"""Levels by which a painted color may be off in each channel: JPEG smears it."""
INVERTED = 0.9
"""Share of hole above which the mask is probably meant the other way around."""
BLOCKS_PER_SIDE = 8
"""A random block's side is the photo's shorter side over this."""
Box = tuple[int, int, int, int]
"""x, y, width, height in pixels, from the photo's upper left corner."""


@dataclasses.dataclass(frozen=True)
class MaskOptions:
    """Holes from several sources are united."""

    mask: str | None = None
    """A picture (white = hole), a folder of them, `alpha`, or a color such as `#ff00ff`."""
    boxes: tuple[Box, ...] = ()
    """Rectangles."""
    random_blocks: int = 0
    """How many squares, each an eighth of the photo's shorter side, to try it out."""
    invert: bool = False
    """The mask is black where the hole is."""
    seed: int = 0
    """Of the random blocks."""


def find_hole(photo: Photo, options: MaskOptions) -> tuple[Tensor, tuple[str, ...]]:
    """The hole (1, 1, H, W) in `photo`, and notes.

    Raises:
        UsageError: nothing says where the hole is, or a box that misses the photo.
        ImageReadError: no mask of the photo's name in the folder, or one that cannot be read.
    """
    width, height = photo.size_wh
    hole, notes = torch.zeros(1, 1, height, width), []
    if options.mask is None and not options.boxes and not options.random_blocks:
        raise UsageError("Nothing says where the hole is.", "Pass --mask, --box or --random-blocks.")
    if options.mask is not None:
        found, note = _masked(photo, options.mask)
        hole = torch.maximum(hole, 1 - found if options.invert else found)
        notes += [note] if note else []
    for box in options.boxes:
        hole = torch.maximum(hole, box_hole(box, (height, width)))
    if options.random_blocks:
        blocks = random_blocks((height, width), options.random_blocks, options.seed)
        hole = torch.maximum(hole, blocks)
    share = float(hole.mean())
    if share == 0:
        notes.append("the mask is empty: nothing is missing, and the photo stays as it is")
    elif share > INVERTED and not options.invert:
        notes.append(
            f"{share:.0%} of it are hole; white means hole (--invert-mask if yours is the other way)"
        )
    return hole, tuple(notes)


def is_color(text: str) -> bool:
    """Whether `text` reads as a color: `#rrggbb`.

    >>> is_color("#ff00ff")
    True
    """
    return re.fullmatch(r"#[0-9a-fA-F]{6}", text) is not None


def color_hole(rgb: Image.Image, color: str) -> Tensor:
    """Where `rgb` has `color` (`#rrggbb`), give or take `COLOR_TOLERANCE`, and one pixel around."""
    wanted = torch.tensor([int(color[i : i + 2], 16) for i in (1, 3, 5)]).view(1, 3, 1, 1)
    off = (to_pixels(rgb).int() - wanted).abs().amax(1, keepdim=True)
    return F.max_pool2d((off <= COLOR_TOLERANCE).float(), 3, 1, 1)


def box_hole(box: Box, size: tuple[int, int]) -> Tensor:
    """The part of `box` inside a photo of `size` (H, W).

    Raises:
        UsageError: no part of it is inside.
    """
    x, y, width, height = box
    hole = torch.zeros(1, 1, *size)
    hole[..., max(0, y) : max(0, y + height), max(0, x) : max(0, x + width)] = 1
    if not hole.any():
        raise UsageError(f"Box {x},{y},{width},{height} misses the photo of {size[1]}x{size[0]} pixels.")
    return hole


def random_blocks(size: tuple[int, int], count: int, seed: int) -> Tensor:
    """`count` squares at random places of a photo of `size` (H, W); they may touch."""
    height, width = size
    side = max(1, min(size) // BLOCKS_PER_SIDE)
    generator = torch.Generator().manual_seed(seed)
    hole = torch.zeros(1, 1, height, width)
    for _ in range(count):
        top = int(torch.randint(height - side + 1, (), generator=generator))
        left = int(torch.randint(width - side + 1, (), generator=generator))
        hole[..., top : top + side, left : left + side] = 1
    return hole


def find_mask(folder: Path, photo: Path) -> Path:
    """The mask of `photo` in `folder`: of the same name, with `_mask`, `-mask` or `.mask` at its end or not.

    Raises:
        ImageReadError: there is none.
    """
    stems = [photo.stem + end for end in ("", "_mask", "-mask", ".mask")]
    suffixes = dict.fromkeys([".png", *(f".{suffix}" for suffix in FORMATS), ".bmp"])
    for stem in stems:
        for suffix in suffixes:
            path = folder / (stem + suffix)
            if path.is_file() and path.absolute() != photo.absolute():
                return path
    raise ImageReadError(
        f"{folder} holds no mask for {photo.name}.", f"Name it {photo.stem}.png or {photo.stem}_mask.png."
    )


def _masked(photo: Photo, mask: str) -> tuple[Tensor, str]:
    """The hole that `--mask` names, and a note or nothing."""
    size_wh = photo.size_wh
    if mask == ALPHA:
        if photo.alpha is None:
            return torch.zeros(1, 1, size_wh[1], size_wh[0]), "it has no transparent parts"
        return (to_pixels(photo.alpha) < WHITE).float(), ""
    if is_color(mask):
        return color_hole(photo.rgb, mask), ""
    path = Path(mask)
    if path.is_dir():
        if photo.path is None:
            raise UsageError(f"{mask} is a folder, but the photo has no name to look for in it.")
        path = find_mask(path, photo.path)
    found = read_photo(path)
    gray = np.asarray(found.rgb.convert("L"))
    if found.alpha is not None:  # white on transparent: what cannot be seen is no hole
        gray = np.where(np.asarray(found.alpha) < WHITE, 0, gray).astype(np.uint8)
    image, note = Image.fromarray(gray), ""
    if image.size != size_wh:
        note = "its mask of {}x{} pixels was resized to {}x{}".format(*image.size, *size_wh)
        image = image.resize(size_wh, Image.Resampling.NEAREST)
    return (to_pixels(image) >= WHITE).float(), note
