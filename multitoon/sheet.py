"""Contact sheets: a photo beside its toons, each with a small label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PIL import Image, ImageDraw, ImageFont

from multitoon.errors import UsageError

GAP = 8
"""Pixels between pictures and around them."""
PAPER, INK = "white", (60, 60, 60)


def contact_sheet(
    rows: Sequence[Mapping[str, Image.Image]], *, columns: int | None = None, cell: int | None = None
) -> Image.Image:
    """Pictures on white paper, each above its label; a mapping from label to picture is one row.

    Args:
        columns: break rows that are longer; None keeps each in one line.
        cell: scale pictures down to at most so many pixels on their longer side; None leaves them.

    Raises:
        UsageError: there is no picture.

    >>> contact_sheet([{"photo": Image.new("RGB", (64, 48)), "toon": Image.new("RGB", (64, 48))}]).size
    (152, 78)
    """
    lines = [line for row in rows for line in _broken(list(row.items()), columns)]
    if not lines:
        raise UsageError("A contact sheet needs at least one picture.")
    lines = [[(label, _fitted(image, cell)) for label, image in line] for line in lines]
    width = max(image.width for line in lines for _, image in line)
    heights = [max(image.height for _, image in line) for line in lines]
    font = ImageFont.load_default(max(10, min(width // 24, 32)))
    label_height = font.getbbox("Ag")[3] + 2
    sheet_wh = (
        GAP + max(len(line) for line in lines) * (width + GAP),
        GAP + sum(heights) + len(lines) * (label_height + GAP),
    )
    sheet = Image.new("RGB", sheet_wh, PAPER)
    draw = ImageDraw.Draw(sheet)
    top = GAP
    for line, height in zip(lines, heights, strict=True):
        for x, (label, image) in enumerate(line):
            left = GAP + x * (width + GAP)
            sheet.paste(image, (left, top), image if image.mode == "RGBA" else None)
            draw.text((left, top + height + 1), label, INK, font)
        top += height + label_height + GAP
    return sheet


def _broken(items: list, columns: int | None) -> list[list]:
    step = columns or max(1, len(items))
    return [items[start : start + step] for start in range(0, len(items), step)]


def _fitted(image: Image.Image, cell: int | None) -> Image.Image:
    if cell is None or max(image.size) <= cell:
        return image
    image = image.copy()
    image.thumbnail((cell, cell), Image.Resampling.LANCZOS)
    return image
