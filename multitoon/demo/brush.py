"""Painting on a photo: a small copy as the canvas, the strokes as masks of the photo's own size."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from PIL import Image, ImageColor

from multitoon.demo.results import new_file
from multitoon.errors import ImageReadError, UsageError
from multitoon.image import DAMAGE, Photo

CANVAS = 720
"""Longer side in pixels of the copy that is painted on: strokes need no more, and phones hold it."""
LARGEST_LAYER = 16 * 10**6
"""Pixels of a painted layer that are read at most; the canvas has a thirtieth of that."""


def painting(value: dict[str, Any], colors: Sequence[str], elem_id: str) -> gr.ImageMask:
    """An editor with one brush color per meaning and no upload of its own: its photo is the tab's.

    Its value comes as files or bytes, unopened (see `uploads.raw_files` for why on the instance).
    """
    editor = gr.ImageMask(
        value,
        label="Painting",
        show_label=False,
        type="filepath",
        image_mode="RGBA",
        format="png",
        sources=(),
        transforms=(),
        layers=False,
        brush=gr.Brush(default_size=28, colors=list(colors), default_color=colors[0], color_mode="fixed"),
        canvas_size=(CANVAS, CANVAS),
        height=420,
        buttons=[],
        elem_id=elem_id,
    )
    editor.convert_and_format_image = _unopened  # type: ignore[method-assign]
    return editor


def canvas_file(photo: Photo) -> dict[str, Any]:
    """The editor's value for a photo with nothing painted on it."""
    path = new_file("canvas.png")
    photo.scaled(CANVAS).rgb.save(path, compress_level=1)
    return {"background": str(path), "layers": [], "composite": str(path)}


def painted(value: Mapping[str, Any] | None, size_wh: tuple[int, int]) -> Image.Image:
    """Where anything is painted: mode L, 255 or 0, of `size_wh`.

    Raises:
        UsageError: nothing is painted.
        ImageReadError: a layer that is no picture.
    """
    strokes = _strokes(value)
    if strokes is None:
        raise UsageError("Nothing is painted yet: draw over the part that you mean.")
    mask = Image.fromarray(np.where(strokes[..., 3] > 0, 255, 0).astype(np.uint8))
    return mask.resize(size_wh, Image.Resampling.NEAREST)


def painted_by_color(
    value: Mapping[str, Any] | None, colors: Sequence[str], size_wh: tuple[int, int]
) -> list[Image.Image | None]:
    """A mask as in `painted` for each of `colors`, of the pixels nearest to it; None where there are none.

    Raises:
        ImageReadError: a layer that is no picture.
    """
    strokes = _strokes(value)
    if strokes is None:
        return [None] * len(colors)
    palette = np.array([ImageColor.getrgb(color)[:3] for color in colors], np.int32)
    distance = ((strokes[..., None, :3].astype(np.int32) - palette) ** 2).sum(-1)  # (H, W, colors)
    nearest = np.where(strokes[..., 3] > 0, distance.argmin(-1), -1)
    masks: list[Image.Image | None] = []
    for i in range(len(colors)):
        mask = Image.fromarray(np.where(nearest == i, 255, 0).astype(np.uint8))
        masks.append(mask.resize(size_wh, Image.Resampling.NEAREST) if mask.getbbox() else None)
    return masks


def _strokes(value: Mapping[str, Any] | None) -> np.ndarray | None:
    """All layers over each other, (H, W, 4) uint8, or None if there is not one painted pixel."""
    found: Image.Image | None = None
    for source in (value or {}).get("layers") or []:
        layer = _read_layer(source)
        if found is not None and found.size != layer.size:
            layer = layer.resize(found.size, Image.Resampling.NEAREST)
        found = layer if found is None else Image.alpha_composite(found, layer)
    if found is None or not found.getchannel("A").getbbox():
        return None
    return np.asarray(found)


def _read_layer(source: str | bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(source) if isinstance(source, bytes) else Path(source)) as image:
            if image.width * image.height > LARGEST_LAYER:
                raise ImageReadError(
                    f"The mask has {image.width} × {image.height} pixels, more than {LARGEST_LAYER // 10**6} "
                    "megapixels."
                )
            return image.convert("RGBA")
    except ImageReadError:
        raise
    except (*DAMAGE, Image.DecompressionBombError) as error:
        raise ImageReadError("The painted mask is not a picture.", "Send a PNG with transparency.") from error


def _unopened(file: Any, flatten_on_white: bool = False) -> str | bytes | None:
    if file is None:
        return None
    return bytes(file) if isinstance(file, (bytes, bytearray, memoryview)) else file.path
