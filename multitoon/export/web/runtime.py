"""onnxruntime-web, which the page runs: from a file, the cache or the npm registry, checked by its hash.

The registry is `NPM_CONFIG_REGISTRY`, what `npm config get registry` says, or https://registry.npmjs.org; the
package's bytes are the same everywhere, and its hash is known here.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import os
import shutil
import subprocess
import tarfile
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from multitoon.errors import CheckpointError, OutputError, UsageError

VERSION = "1.30.0"
NAME = f"onnxruntime-web {VERSION}"
INTEGRITY = "q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4CXAfKYQ=="
"""SHA-512 of the package's file, in base64, as npm gives it."""
FILES = (
    "ort.wasm.bundle.min.mjs",
    "ort-wasm-simd-threaded.wasm",
    "ort.webgpu.bundle.min.mjs",
    "ort-wasm-simd-threaded.asyncify.wasm",
)
"""Of its `dist/`: a visitor loads the first two (14 MB), or with WebGPU the other two (27 MB)."""
REGISTRY = "https://registry.npmjs.org"
SECONDS = 60
"""How long the registry may be silent."""


def vendor(folder: Path, source: Path | None = None, talk: Callable[[str], None] = lambda line: None) -> None:
    """Copy `FILES` into `folder`, from `source`: the package's `.tgz` or folder; None fetches it, once.

    Raises:
        UsageError: a source without those files.
        CheckpointError: a package that cannot be had, or is not the one that its hash names.
        OutputError: the cache cannot be written.
    """
    source = source or _fetched(talk)
    folder.mkdir(parents=True)
    if source.is_dir():
        dist = source / "dist" if (source / "dist").is_dir() else source
        for name in FILES:
            if not (dist / name).is_file():
                raise UsageError(f"{source} holds no {name}.", f"It should be onnxruntime-web {VERSION}.")
            shutil.copyfile(dist / name, folder / name)
        return
    _check(source)
    with tarfile.open(source) as archive:
        for name in FILES:
            with archive.extractfile(f"package/dist/{name}") as packed, (folder / name).open("wb") as file:
                shutil.copyfileobj(packed, file)


def cached() -> Path:
    """Where a fetched package is kept: below `$XDG_CACHE_HOME`, or `~/.cache`."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return home / "multitoon" / f"onnxruntime-web-{VERSION}.tgz"


def registry() -> str:
    """The npm registry that this machine is set up for."""
    given = os.environ.get("NPM_CONFIG_REGISTRY", "")
    npm = shutil.which("npm")
    if not given and npm:
        asked = subprocess.run(
            [npm, "config", "get", "registry"], capture_output=True, text=True, check=False
        )
        given = asked.stdout.strip() if asked.returncode == 0 else ""
    return (given or REGISTRY).rstrip("/")


def _fetched(talk: Callable[[str], None]) -> Path:
    path = cached()
    if path.is_file():
        return path
    url = f"{registry()}/onnxruntime-web/-/onnxruntime-web-{VERSION}.tgz"
    talk(f"Fetching {NAME} (33 MB) from the npm registry, once.")
    hint = f"npm pack onnxruntime-web@{VERSION}, and pass the file with --runtime."
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            part = Path(folder) / path.name
            with urllib.request.urlopen(url, timeout=SECONDS) as answer, part.open("wb") as file:
                shutil.copyfileobj(answer, file)
            _check(part)
            part.replace(path)
    except urllib.error.URLError as error:
        raise CheckpointError(f"{NAME} could not be fetched: {error.reason}.", hint) from error
    except (TimeoutError, ConnectionError, http.client.HTTPException) as error:
        raise CheckpointError(f"{NAME} could not be fetched: {error!r}.", hint) from error
    except OSError as error:
        raise OutputError(f"{path} could not be written: {error.strerror or error}.", hint) from error
    return path


def _check(path: Path) -> None:
    with path.open("rb") as file:
        found = base64.b64encode(hashlib.file_digest(file, "sha512").digest()).decode()
    if found != INTEGRITY:
        raise CheckpointError(
            f"{path.name} is not {NAME}: its SHA-512 is {found[:12]}…, must be {INTEGRITY[:12]}….",
            f"npm pack onnxruntime-web@{VERSION}",
        )
