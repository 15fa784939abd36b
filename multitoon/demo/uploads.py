"""What visitors send: read by our own reader, limited by its header, and refused in a sentence."""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image

from multitoon.errors import ImageReadError, MultitoonError
from multitoon.image import DAMAGE, Photo, read_photo


def read_upload(path: str | Path, max_megapixels: int = 40) -> Photo:
    """The photo at `path`, with the file's own name, not the server's path, in what is said about it.

    Raises:
        ImageReadError: not a picture, damaged, of more than `max_megapixels`, or deleted meanwhile.
    """
    path = Path(path)
    if not path.is_file():
        raise ImageReadError(
            f"{path.name} is no longer here: uploads are deleted after a while.", "Choose it once more."
        )
    width, height = _header_size(path)
    if width * height > max_megapixels * 10**6:
        raise ImageReadError(
            f"{path.name} has {width * height / 1e6:.0f} megapixels; this page draws up to {max_megapixels}.",
            "Scale it down, or use `multitoon stylize` on your own machine.",
        )
    try:
        photo = read_photo(path)
    except ImageReadError as error:
        raise ImageReadError(str(error).replace(str(path), path.name), error.hint) from error
    for note in photo.notes:
        gr.Warning(f"{path.name}: {note}.", duration=6)
    return photo


def photo_input(elem_id: str, height: int = 230) -> gr.Image:
    """Where a visitor puts a photo; handlers get the path of the file as it was sent."""
    return raw_files(
        gr.Image(
            label="Your photo",
            type="filepath",
            format="png",
            image_mode=None,
            sources=["upload", "clipboard", "webcam"],
            placeholder="# Drop a photo here\nor click, or paste",
            height=height,
            buttons=[],
            elem_id=elem_id,
        )
    )


def raw_files(component: gr.Image) -> gr.Image:
    """`component` handing on the uploaded file as it is, unopened, so that `read_upload` opens it first.

    Gradio's own reading would raise nameless errors on damaged files. Done on the instance: a subclass of a
    component makes Gradio write a .pyi file beside its source. Handlers must return plain values for it, no
    `gr.update`, which would build a new instance.
    """
    component.preprocess = lambda payload: None if payload is None else payload.path  # type: ignore[method-assign]
    return component


def spoken(handler: Callable[..., Any]) -> Callable[..., Any]:
    """`handler` with this package's errors turned into sentences in the page; all others stay errors."""
    if inspect.isgeneratorfunction(_innermost(handler)):

        @functools.wraps(handler)
        def stream(*args: Any, **kwargs: Any) -> Iterator[Any]:
            try:
                yield from handler(*args, **kwargs)
            except MultitoonError as error:
                raise sentence(error) from error

        return stream

    @functools.wraps(handler)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return handler(*args, **kwargs)
        except MultitoonError as error:
            raise sentence(error) from error

    return call


def sentence(error: MultitoonError) -> gr.Error:
    """`error` and its hint as a message that the page shows."""
    return gr.Error(f"{error} {error.hint}".strip(), duration=10, title="Sorry", print_exception=False)


def _innermost(handler: Callable[..., Any]) -> Callable[..., Any]:
    while isinstance(handler, functools.partial):
        handler = handler.func
    return handler


def _header_size(path: Path) -> tuple[int, int]:
    """Width and height as the file claims them; (0, 0) for what `read_photo` will name itself."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # it is refused in a moment
            with Image.open(path) as image:
                return image.size
    except (*DAMAGE, Image.DecompressionBombError):
        return (0, 0)
