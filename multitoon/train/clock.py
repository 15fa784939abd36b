"""Where a run's time goes."""

from __future__ import annotations

import contextlib
import time
from collections import defaultdict
from collections.abc import Iterator

import torch


class Clock:
    """Adds up the seconds of named parts; a part inside another is taken out of the outer one.

    >>> clock = Clock()
    >>> with clock("features"):
    ...     pass
    >>> list(clock.seconds)
    ['features']
    """

    def __init__(self, device: torch.device | None = None) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._device = device
        self._inner = [0.0]

    @contextlib.contextmanager
    def __call__(self, part: str) -> Iterator[None]:
        start = self._now()
        self._inner.append(0.0)
        try:
            yield
        finally:
            took = self._now() - start
            self.seconds[part] += took - self._inner.pop()
            self._inner[-1] += took

    def shares(self) -> str:
        """Such as `network 41 %, features 30 %, critics 20 %, crops 9 %`, the largest first."""
        total = sum(self.seconds.values()) or 1.0
        parts = sorted(self.seconds.items(), key=lambda item: -item[1])
        return ", ".join(f"{part} {100 * seconds / total:.0f} %" for part, seconds in parts)

    def _now(self) -> float:
        if self._device is not None and self._device.type == "cuda":
            torch.cuda.synchronize(self._device)  # a kernel counts where it was launched
        return time.monotonic()
