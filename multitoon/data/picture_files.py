"""Which files of a folder are pictures."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from multitoon.errors import ImageReadError

SUFFIXES = (".avif", ".bmp", ".gif", ".heic", ".jfif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")
"""What counts as a picture in a folder; a file named by itself is tried whatever it is called."""


def picture_files(folder: Path, recursive: bool = False) -> list[Path]:
    """The pictures in `folder` by their suffix, and those below it if `recursive`, sorted; no hidden ones.

    Raises:
        ImageReadError: no such folder, or one that cannot be listed.
    """
    return list(_walk(folder, recursive))


def _walk(folder: Path, recursive: bool) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ImageReadError(f"{folder}: no such folder.", "Check the path.") from error
    except OSError as error:
        raise ImageReadError(f"{folder}: {error.strerror}.", "Check its owner and mode.") from error
    for entry in entries:
        path = folder / entry.name
        if entry.name.startswith("."):
            continue
        if entry.is_dir() and recursive and not entry.is_symlink():
            yield from _walk(path, recursive)
        elif path.suffix.lower() in SUFFIXES and entry.is_file():
            yield path
