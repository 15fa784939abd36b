"""`index.json`: the size and SHA-256 of every file in a folder of adapters, so that damage shows."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from multitoon.checkpoint import file_hash
from multitoon.errors import CheckpointError
from multitoon.whole_file import whole_file

INDEX = "index.json"


def write_index(home: str | Path) -> Path:
    """Write `home/index.json` over all files below `home`, and return its path."""
    home = Path(home)
    files = sorted(path for path in home.rglob("*") if path.is_file() and path.name != INDEX)
    content = {
        "files": {
            path.relative_to(home).as_posix(): {"bytes": path.stat().st_size, "sha256": file_hash(path)}
            for path in files
        }
    }
    index = home / INDEX
    with whole_file(index, overwrite=True) as part:
        part.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return index


def check_index(home: str | Path) -> dict[str, str]:
    """Each file of `home/index.json` with what is wrong with it: empty, `missing` or `changed`.

    Raises:
        CheckpointError: no index, or a damaged one.
    """
    home = Path(home)
    try:
        wanted = {
            name: entry["sha256"]
            for name, entry in json.loads((home / INDEX).read_text(encoding="utf-8"))["files"].items()
        }
    except OSError as error:
        raise CheckpointError(f"{home / INDEX}: {error.strerror or error}.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{home / INDEX}: not an index of files ({error!r}).") from error
    return {name: _flaw(home / name, sha256) for name, sha256 in wanted.items()}


def hash_like(wanted: str, path: Path) -> str:
    """The hash of a file, of the kind that `wanted` is: SHA-256 (64 digits) or git's of a blob (40)."""
    if len(wanted) == 64:
        return file_hash(path)
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _flaw(path: Path, sha256: str) -> str:
    if not path.is_file():
        return "missing"
    return "" if file_hash(path) == sha256 else "changed"
