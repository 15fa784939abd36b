"""Files that are there whole or not at all, whatever stops the writing."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from multitoon.errors import MultitoonError, OutputError


@contextlib.contextmanager
def whole_file(path: Path, overwrite: bool = False) -> Iterator[Path]:
    """A name beside `path`, of the same suffix, to write to; it becomes `path` if the block ends well.

    Folders are created on the way. However the block ends, nothing else is left.

    Raises:
        OutputError: `path` exists and `overwrite` is false, or what was written can't be moved there.
    """
    if path.exists() and not overwrite:
        raise OutputError(f"{path} exists already.", "Pass overwrite=True (--overwrite) to replace it.")
    part = path.with_name(f".multitoon-{os.getpid()}-{secrets.token_hex(4)}{path.suffix}")
    try:
        with output_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            yield part
            part.replace(path)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


@contextlib.contextmanager
def output_errors(path: Path) -> Iterator[None]:
    """What the system refuses in the block, such as space on its disk, as an error about `path`.

    Raises:
        OutputError: whatever was refused.
    """
    try:
        yield
    except MultitoonError:
        raise  # a damaged photo or film is an OSError too, and says what is wrong by itself
    except OSError as error:
        hint = "Check the folder's permissions and the space on its disk."
        raise OutputError(f"{path} could not be written: {error.strerror or error}.", hint) from error
