"""Files that are there whole or not at all, whatever stops the writing."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from multitoon.errors import OutputError


@contextlib.contextmanager
def whole_file(path: Path, overwrite: bool = False) -> Iterator[Path]:
    """A name beside `path`, of the same suffix, to write to; it becomes `path` if the block ends well.

    Folders are created on the way. However the block ends, nothing else is left.

    Raises:
        OutputError: `path` exists and `overwrite` is false, or what was written can't be moved there.
    """
    if path.exists() and not overwrite:
        raise OutputError(f"{path} exists already.", "Pass --overwrite to replace it.")
    part = path.with_name(f".multitoon-{os.getpid()}-{secrets.token_hex(4)}{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        part.replace(path)
    except OSError as error:
        if isinstance(error, OutputError) or not error.strerror:
            raise
        hint = "Check the folder's permissions and the space on its disk."
        raise OutputError(f"{path} could not be written: {error.strerror}.", hint) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
