"""The one model of the page: loaded once, warmed at start, used by one thread, so one job at a time."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from PIL import Image

from multitoon.checkpoint import ADAPTER_WEIGHTS, file_hash
from multitoon.demo.live import LiveMix
from multitoon.errors import CheckpointError, UnknownNameError, UsageError
from multitoon.image import Photo
from multitoon.lookup import find_adapter, style_of
from multitoon.stylize import MultiToon

T = TypeVar("T")

GUESTS = 48
"""Styles that visitors brought (47 KB each) are kept up to this number; then the oldest goes."""


@dataclasses.dataclass(frozen=True)
class Toon:
    """A picture, and what its file should say about how it was made."""

    image: Image.Image
    provenance: dict[str, str]


class Engine:
    """`MultiToon` behind one worker thread.

    torch keeps a pool of threads for each thread that calls it; with one caller there is one pool, memory
    stays flat, and requests that came first are drawn first.
    """

    def __init__(self, toon: MultiToon | None = None) -> None:
        self.toon = toon or MultiToon.from_pretrained()
        self.shipped = self.toon.styles
        """The styles that everybody sees."""
        if not self.shipped:
            raise UsageError("There is no style to show.", "multitoon adapters list shows what is installed.")
        self._live = LiveMix(self.toon.network)
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="multitoon")
        self._guests: dict[str, Path] = {}
        self._lock = threading.Lock()

    @property
    def default_style(self) -> str:
        return "hayao" if "hayao" in self.shipped else self.shipped[0]

    def submit(self, job: Callable[[], T]) -> Future[T]:
        """`job` in the worker's line."""
        return self._worker.submit(job)

    def run(self, job: Callable[[], T]) -> T:
        """What `job` returns, computed on the worker's turn; its exceptions are raised here."""
        return self.submit(job).result()

    def draw(
        self,
        photo: Photo,
        mix: Mapping[str, float],
        strength: float = 1.0,
        *,
        preserve_color: bool = False,
        max_size: int | None = None,
        regions: Mapping[str, Image.Image] | None = None,
    ) -> Toon:
        """The toon of `photo` under `mix` (see `MultiToon.stylize`).

        Raises:
            UsageError: a weight or strength out of range, or weights that are all 0.
        """
        weights = self._weights(mix)

        def job() -> Toon:
            self.toon.set_adapter(weights)
            image = self.toon.stylize(
                photo, strength, regions=regions, preserve_color=preserve_color, max_size=max_size
            )
            return Toon(image, self._provenance(weights, strength, regions or {}))

        return self.run(job)

    def preview(self, photo: Photo, mix: Mapping[str, float], preserve_color: bool = False) -> Image.Image:
        """A small photo under `mix`, as fast as a moving slider asks for it (see `LiveMix`)."""
        weights = self._weights(mix)

        def job() -> Image.Image:
            self.toon.set_adapter(weights)  # loads what is not loaded yet
            return self._live.draw(photo, weights, preserve_color)

        return self.run(job)

    def add(self, folder: Path) -> str:
        """Load the adapter in `folder` for the visitor who brought it, and return the name it goes by here.

        The name ends in the hash of its weights, so that two visitors' `ink` are two styles.

        Raises:
            CheckpointError: damaged, incomplete, or made for another backbone.
        """
        if not (folder / ADAPTER_WEIGHTS).is_file():
            raise CheckpointError(f"{folder.name}: no weights there (no {ADAPTER_WEIGHTS}).")

        def job() -> str:
            digest = file_hash(folder / ADAPTER_WEIGHTS)[:6]
            own = self.toon.load_adapter(folder, f"{style_of(folder)}-{digest}")
            with self._lock:
                self._guests.pop(own, None)
                self._guests[own] = folder
                if len(self._guests) > GUESTS:
                    oldest = next(iter(self._guests))
                    del self._guests[oldest]
                    self.toon.network.remove_adapter(oldest)
                    self._live.forget(oldest)
            return own

        return self.run(job)

    def folder_of(self, style: str) -> Path:
        """The folder of a style that is here: a shipped one, or a visitor's.

        Raises:
            UnknownNameError: any other text. `MultiToon` would take paths and the Hub's repositories too,
                which strangers may not name.
        """
        with self._lock:
            if style in self._guests:
                return self._guests[style]
        if style not in self.shipped:
            raise UnknownNameError("style", style, self.shipped)
        return find_adapter(style)

    def _weights(self, mix: Mapping[str, float]) -> dict[str, float]:
        """What of `mix` is above 0, with styles that are here only."""
        weights = {name: float(weight) for name, weight in mix.items() if weight}
        if not weights:
            raise UsageError("All weights of the mix are 0: move at least one slider.")
        for name in weights:
            self.folder_of(name)
        return weights

    def _provenance(
        self, mix: Mapping[str, float], strength: float, regions: Mapping[str, Image.Image]
    ) -> dict[str, str]:
        names = dict.fromkeys([*mix, *regions])
        facts = {
            "style": ",".join(f"{name}:{weight:g}" for name, weight in mix.items()),
            "strength": f"{strength:g}",
            "adapter": ",".join(f"{name}:{self.toon.hash_of(name)[:12]}" for name in names),
        }
        return facts | ({"regions": ",".join(regions)} if regions else {})
