"""A training as a process of its own: started, followed by the files that it writes, and stopped."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import yaml

from multitoon.errors import TrainingError

LOG, CONFIG, SAMPLES = "log.jsonl", "config.yaml", "samples"
"""What `multitoon train-adapter` writes into its run's folder."""
PROGRAM = (sys.executable, "-m", "multitoon", "train-adapter")
PATIENCE = 10.0
"""Seconds that a stopped training has to end by itself."""
POLITENESS = 5
"""By how much its priority is lower than the page's, in Unix's nice values."""


@dataclasses.dataclass(frozen=True)
class Progress:
    """How far a run is."""

    step: int
    total: int
    """Steps of the whole run; 0 until it has said so."""
    rate: float
    """Steps per second; 0 until two lines of the log are there."""
    sample: Path | None
    """The newest grid of samples."""
    running: bool

    @property
    def line(self) -> str:
        """For the visitor."""
        if not self.step or not self.total:
            return "Getting ready: reading pictures and building the network."
        left = f", {(self.total - self.step) / self.rate / 60:.0f} min left" if self.rate else ""
        return f"Step {self.step} of {self.total}{left}"


class Training:
    """One run of `multitoon train-adapter`; one at a time in the whole process.

    Use it as a context: whatever happens to the visitor, the process ends with it.

    Raises:
        TrainingError: another one is running.
    """

    _one = threading.Lock()

    def __init__(self, run: Path, words: Sequence[str]) -> None:
        self.run = run
        self._words = [*PROGRAM, *words, "-o", str(run)]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Training:
        if not self._one.acquire(blocking=False):
            raise TrainingError(
                "Another style is being trained on this machine.", "Try again when it is done."
            )
        self.run.mkdir(parents=True, exist_ok=True)
        with (self.run / "stderr.txt").open("wb") as errors:
            self._process = subprocess.Popen(
                self._words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
                env=os.environ | {"TERM": "dumb"},
            )
        if hasattr(os, "setpriority"):  # photos are drawn meanwhile, and come first
            own = os.getpriority(os.PRIO_PROCESS, 0)
            os.setpriority(os.PRIO_PROCESS, self._process.pid, min(19, own + POLITENESS))
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.stop()
        finally:
            self._one.release()

    def stop(self) -> None:
        """End the process, kindly at first; nothing happens if it has ended."""
        process = self._started()
        if process.poll() is None:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE)
        if process.poll() is None:
            process.kill()
            process.wait()

    def progress(self) -> Progress:
        """Where it stands, by its files.

        Raises:
            TrainingError: it ended in an error, which is quoted.
        """
        process = self._started()
        code = process.poll()
        if code:
            raise TrainingError(f"The training stopped: {self._complaint()}")
        step, rate = _steps(self.run / LOG)
        samples = sorted((self.run / SAMPLES).glob("*.png"))
        return Progress(step, _total(self.run / CONFIG), rate, samples[-1] if samples else None, code is None)

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise TrainingError("The training has not been started: use it as a context.")
        return self._process

    def _complaint(self) -> str:
        lines = (self.run / "stderr.txt").read_text(encoding="utf-8", errors="replace").splitlines()
        said = [line.partition(": ")[2] for line in lines if line.startswith(("Error: ", "Hint: "))]
        return " ".join(said) or next((line for line in reversed(lines) if line.strip()), "no reason given")


def copy_pictures(paths: Sequence[str | Path], folder: Path) -> int:
    """Copy uploads into `folder` under numbers: names come from strangers, and may be equal. How many.

    Raises:
        TrainingError: one of them was deleted meanwhile.
    """
    folder.mkdir(parents=True)
    for number, path in enumerate(map(Path, paths)):
        if not path.is_file():
            raise TrainingError(
                f"{path.name} is no longer here: uploads are deleted after a while.", "Choose them once more."
            )
        shutil.copyfile(path, folder / f"{number:04d}{path.suffix.lower()}")
    return len(paths)


def _steps(log: Path) -> tuple[int, float]:
    """The newest step, and the newest steps per second, of a log; 0 where there is none."""
    step, rate = 0, 0.0
    for line in log.read_text(encoding="utf-8").splitlines() if log.is_file() else ():
        try:
            entry = json.loads(line)
        except ValueError:  # half a line: the training is writing it
            continue
        step = max(step, int(entry.get("step", 0)))
        rate = float(entry.get("steps_per_second", rate))
    return step, rate


def _total(config: Path) -> int:
    """Steps of all phases of a resolved config, 0 if it is not there yet."""
    if not config.is_file():
        return 0
    try:
        resolved = yaml.safe_load(config.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError:  # half written
        return 0
    return sum(int(phase["steps"]) for phase in resolved.get("phases", []))
