"""What a run needs to go on exactly: weights, optimizers, averaged weights, step."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import torch
from accelerate import Accelerator
from torch import Tensor
from torch.optim.swa_utils import AveragedModel

from multitoon.errors import TrainingError
from multitoon.model.toon import StyledBackbone
from multitoon.train.config import TrainConfig


def _warmed_up(decay: float) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
    """An exponential average that forgets its start sooner: decay min(decay, (1 + n) / (10 + n)) at step n.

    A short run would otherwise end with an average that is mostly what it began with.
    """

    def average(averaged: Tensor, current: Tensor, count: Tensor) -> Tensor:
        now = min(decay, (1 + float(count)) / (10 + float(count)))
        return averaged + (1 - now) * (current - averaged)

    return average


class RunState:
    """The step and the averaged weights, saved through accelerate with everything that it prepared."""

    def __init__(
        self, accelerator: Accelerator, net: torch.nn.Module, config: TrainConfig, folder: Path
    ) -> None:
        self._accelerator = accelerator
        self._net = net
        self._folder = folder
        # Buffers too: averaged weights want the statistics that were averaged alike.
        self._average = AveragedModel(
            accelerator.unwrap_model(net), avg_fn=_warmed_up(config.ema), use_buffers=True
        )
        self.step = 0
        self.saved_step = 0
        self._started = time.monotonic()
        accelerator.register_for_checkpointing(self._average, self)

    @property
    def averaged(self) -> StyledBackbone:
        """The network with the averaged weights, in evaluation mode."""
        return self._average.module.eval()

    @property
    def seconds(self) -> float:
        """Time of the run in all its sittings."""
        return time.monotonic() - self._started

    def advance(self) -> None:
        """Count a step and take it into the average."""
        self._average.update_parameters(self._accelerator.unwrap_model(self._net))
        self.step += 1

    def save(self) -> None:
        """Replace the checkpoint; the old one stays until the new one is whole."""
        self.saved_step = self.step
        partial = self._folder.with_name("checkpoint.partial")
        self._accelerator.save_state(str(partial))
        self._accelerator.wait_for_everyone()  # each process writes its own random state
        if self._accelerator.is_main_process:
            shutil.rmtree(self._folder, ignore_errors=True)
            partial.rename(self._folder)
        self._accelerator.wait_for_everyone()

    def load(self) -> None:
        """Go back to the checkpoint.

        Raises:
            TrainingError: there is none.
        """
        if not self._folder.is_dir():
            raise TrainingError(f"No checkpoint in {self._folder.parent}; there is nothing to resume.")
        self._accelerator.load_state(str(self._folder))

    def state_dict(self) -> dict[str, float]:
        return {"step": self.step, "seconds": self.seconds}

    def load_state_dict(self, state: dict[str, float]) -> None:
        self.step = self.saved_step = int(state["step"])
        self._started = time.monotonic() - state["seconds"]
