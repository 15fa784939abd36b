"""Files that the page hands out: PNG with metadata, in a folder that is served, and swept when old."""

from __future__ import annotations

import atexit
import contextlib
import os
import re
import secrets
import shutil
import tempfile
import threading
import time
from pathlib import Path

import gradio as gr
from PIL import Image

from multitoon.demo.engine import Toon
from multitoon.image import Photo, write_picture

SHOWN_BY_BROWSERS = {"JPEG", "MPO", "PNG", "WEBP"}
"""Formats that are shown beside the toon as they came; others are shown as PNG."""
OWN = "multitoon-demo-"
"""How the name of this process's folder begins."""


def own_temp_folder() -> Path:
    """The folder for uploads and results, of this process alone and deleted with it; in `GRADIO_TEMP_DIR`, or
    among the machine's temporary files. Must be called before the page is built."""
    base = os.environ.get("GRADIO_TEMP_DIR")
    if base is None or not Path(base).name.startswith(OWN):
        if base is not None:
            Path(base).mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=OWN, dir=base)).resolve()
        os.environ["GRADIO_TEMP_DIR"] = str(folder)
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return served_folder()


def new_file(name: str) -> Path:
    """A path called `name`, made harmless, in a new folder of the served ones."""
    stem, dot, suffix = Path(name).name.rpartition(".")
    stem = re.sub(r"[^\w.-]+", "_", stem or suffix).strip("._")[:80] or "toon"
    folder = served_folder() / secrets.token_hex(16)
    folder.mkdir(parents=True)
    return folder / (f"{stem}.{suffix}" if dot else stem)


def own_folder(kind: str) -> Path:
    """A new folder that is neither served nor cleaned, deleted with the process."""
    folder = Path(tempfile.mkdtemp(prefix=f"multitoon-{kind}-")).resolve()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def kept_folder() -> Path:
    """A new folder that is served and not cleaned, deleted with the process: for what every visitor sees."""
    folder = own_folder("kept")
    gr.set_static_paths([folder])
    return folder


def write_toon(toon: Toon, photo: Photo, name: str, folder: Path | None = None) -> str:
    """`toon` as a PNG called `name` (new, unless a `folder` is given) with the photo's profile and EXIF and
    its own provenance."""
    path = folder / name if folder else new_file(name)
    write_picture(path, toon.image, photo=photo, provenance=toon.provenance)
    return str(path)


def shown(path: str | Path, photo: Photo) -> str:
    """What the browser shows as the photo: the upload itself where browsers can, a PNG where they cannot."""
    with Image.open(path) as image:
        plain = image.format in SHOWN_BY_BROWSERS and image.mode in ("RGB", "RGBA", "L")
        still = image.format == "MPO" or not getattr(image, "is_animated", False)
    if plain and still:
        return str(path)
    copy = new_file("photo.png")
    write_picture(copy, photo.finish(photo.rgb), photo=photo)
    return str(copy)


def toon_name(photo_path: str | Path, style: str) -> str:
    """The name of a toon's file: photo.jpg in hayao is photo.hayao.png."""
    return f"{Path(photo_path).stem}.{style}.png"


def served_folder() -> Path:
    """The folder whose files Gradio serves."""
    return Path(gr.utils.get_upload_folder())


class Sweeper:
    """Deletes uploads and results when they are old; what is there at the start is the page's own and stays.

    Gradio's own cleaning (`delete_cache`) ends for good when a file comes while it looks (a set that changes
    during iteration), and leaves the folders.
    """

    def __init__(self, folder: Path, seconds: float) -> None:
        self.folder = folder
        self.seconds = seconds
        self._own = {path for path in folder.rglob("*") if path.is_file()}
        self._stop = threading.Event()

    def start(self) -> None:
        """Sweep from now on, in the background, until the process or `stop` ends it."""
        threading.Thread(target=self._run, name="sweeper", daemon=True).start()

    def stop(self) -> None:
        self._stop.set()

    def sweep(self) -> int:
        """Delete what is older than `seconds`, and empty folders as old; how many files went."""
        gone = 0
        # Folders come before what is in them: backwards, they are empty when their turn comes.
        for path in sorted(self.folder.rglob("*"), reverse=True):
            with contextlib.suppress(OSError):  # gone already, or not empty
                # The time of the copy: a copied file keeps the date of its contents.
                if path in self._own or time.time() - path.lstat().st_ctime < self.seconds:
                    continue
                if path.is_dir():
                    path.rmdir()
                else:
                    path.unlink()
                    gone += 1
        return gone

    def _run(self) -> None:
        while not self._stop.wait(self.seconds / 3):
            self.sweep()
