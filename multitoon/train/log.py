"""What a run shows and leaves behind: a progress bar, `log.jsonl`, and sample grids of fixed photos."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor

from multitoon.image import to_image
from multitoon.model.toon import StyledBackbone

RECORD_EVERY = 20
"""Steps between two lines of the log; a line holds the means since the last."""


class RunLog:
    """Progress on stderr, one JSON object per `RECORD_EVERY` steps, a grid of samples per checkpoint.

    `samples` (N, 3, H, W) in [-1, 1] are photos that are not trained on. Only the main process writes.
    """

    def __init__(self, folder: Path, samples: Tensor, *, main_process: bool = True) -> None:
        self.folder = folder
        self._samples = samples
        self._main = main_process
        self._sums: dict[str, tuple[float, int]] = {}
        self._since = time.monotonic()
        folder.mkdir(parents=True, exist_ok=True)

    def steps(self, start: int, stop: int) -> Iterator[int]:
        """The steps from `start` to `stop`, with a progress bar."""
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=Console(stderr=True), disable=not self._main) as bar:
            self._bar, self._task = bar, bar.add_task("training", total=stop, completed=start, rate="")
            for step in range(start, stop):
                yield step
                bar.advance(self._task)

    def record(
        self, step: int, style: str, terms: dict[str, float], optimizer: torch.optim.Optimizer
    ) -> None:
        """Take a step's losses into the means of the next line."""
        for name, value in terms.items():
            key = f"{style}/{name}"
            total, count = self._sums.get(key, (0.0, 0))
            self._sums[key] = (total + value, count + 1)
        if (step + 1) % RECORD_EVERY or not self._main:
            return
        rate = RECORD_EVERY / (time.monotonic() - self._since)
        line = {"step": step + 1, "steps_per_second": round(rate, 3), "rate": optimizer.param_groups[0]["lr"]}
        line |= {key: total / count for key, (total, count) in sorted(self._sums.items())}
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        self._bar.update(self._task, rate=f"{rate:.2f} steps/s")
        self._sums, self._since = {}, time.monotonic()

    def say(self, line: str) -> None:
        """A line for the person, on stderr."""
        if self._main:
            Console(stderr=True).print(line)

    def sample(self, net: StyledBackbone, step: int) -> None:
        """Write `samples/STEP.png`: a row a photo, then its toon in every style."""
        if not self._main or not len(self._samples):
            return
        columns = [self._samples]
        with torch.inference_mode():
            columns += [net.merged(style).to(self._samples)(self._samples) for style in net.adapters]
        grid = torch.cat([torch.cat(tuple(column), 1) for column in columns], 2)
        target = self.folder / "samples" / f"{step:06d}.png"
        target.parent.mkdir(exist_ok=True)
        to_image(grid).save(target)
        self._since = time.monotonic()
