"""What a run shows and leaves behind: a progress bar, `log.jsonl`, sample grids of fixed photos, trackers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor

from multitoon.image import to_image
from multitoon.model.toon import StyledBackbone
from multitoon.train.clock import Clock

RECORD_EVERY = 20
"""Steps between two lines of the log; a line holds the means since the last."""


class RunLog:
    """Progress on stderr, one JSON object per `RECORD_EVERY` steps, a grid of samples per checkpoint.

    `samples` (N, 3, H, W) in [-1, 1] are photos that are not trained on. `track` gets each line's numbers and
    its step too: accelerate's way to tensorboard and its like. Only the main process writes.
    """

    def __init__(
        self,
        folder: Path,
        samples: Tensor,
        *,
        main_process: bool = True,
        track: Callable[[dict[str, float], int], None] | None = None,
    ) -> None:
        self.folder = folder
        self.seconds = 0.0
        """Of the whole run, known once it is finished."""
        self._samples = samples
        self._main = main_process
        self._track = track
        self._pictures = self._all_pictures = 0
        self._last = 0
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
        self,
        step: int,
        style: str,
        terms: dict[str, float],
        optimizer: torch.optim.Optimizer,
        pictures: int = 0,
    ) -> None:
        """Take a step's losses, of so many `pictures`, into the means of the next line."""
        self._pictures += pictures
        self._last = step + 1
        for name, value in terms.items():
            key = f"{style}/{name}"
            total, count = self._sums.get(key, (0.0, 0))
            self._sums[key] = (total + value, count + 1)
        if (step + 1) % RECORD_EVERY or not self._main:
            return
        seconds = time.monotonic() - self._since
        rate = RECORD_EVERY / seconds
        line = {"step": step + 1, "steps_per_second": round(rate, 3), "rate": optimizer.param_groups[0]["lr"]}
        line["pictures_per_second"] = round(self._pictures / seconds, 2)
        line |= {key: total / count for key, (total, count) in sorted(self._sums.items())}
        self.write(line)
        self._bar.update(self._task, rate=f"{rate:.2f} steps/s")
        self._all_pictures += self._pictures
        self._sums, self._pictures, self._since = {}, 0, time.monotonic()

    def write(self, line: dict[str, float]) -> None:
        """Add `line`, which has a `step`, to `log.jsonl` and to the trackers."""
        if not self._main:
            return
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        if self._track is not None:
            self._track({key: value for key, value in line.items() if key != "step"}, int(line["step"]))

    def finish(self, clock: Clock, seconds: float) -> None:
        """Say how fast the run was, and where the time went; `seconds` are those of all its sittings."""
        self.seconds = seconds
        sitting = sum(clock.seconds.values())
        if sitting:
            pictures = self._all_pictures + self._pictures
            self.say(f"{pictures / sitting:.1f} pictures per second; time went to {clock.shares()}.")
            self.write(
                {"step": self._last, **{f"seconds/{k}": round(v, 1) for k, v in clock.seconds.items()}}
            )

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
