"""A clip's frames: a folder of pictures in the order of their names, or a video file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from multitoon.errors import ImageReadError, MissingExtraError
from multitoon.evaluate.pictures import pictures_in, square
from multitoon.image import read_photo

MOST = 48
"""Frames that are measured, from the first on: two seconds of film."""


def read_clip(path: Path) -> Iterator[Image.Image]:
    """The squares (RGB, 256 pixels) of the first `MOST` frames of the folder or video `path`.

    Raises:
        ImageReadError: no such file or folder, one without pictures, or not a video.
        MissingExtraError: a video, and PyAV is not installed.
    """
    if path.is_dir():
        for frame in pictures_in(path)[:MOST]:
            yield square(read_photo(frame).rgb)
        return
    try:
        import av
    except ImportError as error:
        raise MissingExtraError("Reading a video", "video") from error
    try:
        with av.open(str(path)) as container:
            for number, frame in enumerate(container.decode(video=0)):
                if number == MOST:
                    return
                yield square(frame.to_image())
    except (av.FFmpegError, IndexError, OSError) as error:
        raise ImageReadError(f"{path} is not a video that can be read ({error}).") from error
