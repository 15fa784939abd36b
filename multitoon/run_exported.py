"""An exported network at work with onnxruntime, numpy and Pillow alone: copy what you need from here.

The file says itself what it wants: `layout`, `range` and `size` are in its metadata, next to `style`,
`license` and the hashes. Border, range and crop lie inside the graph; the style's paper does not, only its
grain is in the metadata, and is laid on here (`paper.py`).

>>> session = open_exported("hayao.onnx")                                             # doctest: +SKIP
>>> draw(session, Image.open("photo.jpg")).save("toon.png")                           # doctest: +SKIP
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from multitoon.errors import CheckpointError, ImageReadError, MissingExtraError, OutputError, UsageError
from multitoon.paper import on_paper

if TYPE_CHECKING:
    import onnxruntime


def open_exported(path: str | Path, threads: int = 0) -> onnxruntime.InferenceSession:
    """A session for the file that `multitoon export` wrote to `path`; 0 threads means one per core.

    Raises:
        CheckpointError: no such file, not an ONNX file, or not one of `multitoon export`.
        MissingExtraError: onnxruntime is not installed.
    """
    try:
        import onnxruntime
        from onnxruntime.capi import onnxruntime_pybind11_state as reasons
    except ImportError as error:
        raise MissingExtraError("Running an ONNX file", "export") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    try:
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except (reasons.NoSuchFile, reasons.InvalidProtobuf, reasons.InvalidGraph, reasons.Fail) as error:
        raise CheckpointError(f"{path}: not a file that ONNX Runtime opens ({error}).") from error
    if not {"layout", "range", "size"} <= facts(session).keys():
        raise CheckpointError(
            f"{path}: its metadata name no layout, range and size.", "multitoon export --style S writes them."
        )
    return session


def facts(session: onnxruntime.InferenceSession) -> dict[str, str]:
    """What the file says of itself."""
    return session.get_modelmeta().custom_metadata_map


def draw(session: onnxruntime.InferenceSession, photo: Image.Image, paper: bool = True) -> Image.Image:
    """The toon of `photo`, upright, RGB, of the same size; cut to the network's size if it knows only one.

    It lies on the style's paper, if it has one and `paper` is true.
    """
    about = facts(session)
    photo = ImageOps.exif_transpose(photo).convert("RGB")
    if "x" in about["size"]:
        height, width = map(int, about["size"].split("x"))
        photo = ImageOps.fit(photo, (width, height))
    x = np.asarray(photo)[None]  # (1, H, W, 3), 0 to 255
    if about["layout"] == "nchw":
        x = x.transpose(0, 3, 1, 2)
    if about["range"] == "[-1, 1]":
        x = x.astype(np.float32) / 127.5 - 1
    (y,) = session.run(["toon"], {"photo": np.ascontiguousarray(x)})
    if about["range"] == "[-1, 1]":
        y = ((y + 1) * 127.5).round().clip(0, 255).astype(np.uint8)
    if about["layout"] == "nchw":
        y = y.transpose(0, 2, 3, 1)
    return on_paper(Image.fromarray(y[0]), float(about.get("paper", 0)) if paper else 0)


def read_rgb(path: str | Path) -> Image.Image:
    """The picture at `path`, decoded.

    Raises:
        ImageReadError: no such file, or not a picture that can be read whole.
    """
    try:
        with Image.open(path) as image:
            image.load()
            return image
    except UnidentifiedImageError as error:
        raise ImageReadError(f"{path} is not a picture.", "Convert it to PNG or JPEG first.") from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ImageReadError(f"{path}: {getattr(error, 'strerror', None) or error}.") from error


def write_whole(image: Image.Image, path: Path, overwrite: bool = False) -> None:
    """Write `image` to `path`, in the format of its suffix, whole or not at all.

    Raises:
        UsageError: a suffix that Pillow does not know.
        OutputError: the file exists and `overwrite` is false, or cannot be written.
    """
    if path.suffix.lower() not in Image.registered_extensions():
        raise UsageError(f"{path}: no picture format has the suffix {path.suffix!r}.", "Use .png or .jpg.")
    if path.exists() and not overwrite:
        raise OutputError(f"{path} exists already.", "Pass --overwrite to replace it.")
    part = path.with_name(f".{path.stem}.part{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        image.save(part)
        part.replace(path)
    except OSError as error:
        raise OutputError(f"{path} could not be written: {error.strerror or error}.") from error
    finally:
        part.unlink(missing_ok=True)
