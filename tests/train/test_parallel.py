"""Two processes give the losses, and the weights, of one with the same batch."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
import torch

pytest.importorskip("accelerate")

import torch.multiprocessing as mp

from multitoon.data.style_pictures import StylePictures
from multitoon.train.config import Phase
from tests.conftest import gradient
from tests.train.test_recipe import ALL, config, run

PLAN = config(Phase(2, ALL, 16, 4), Phase(2, ALL, 16, 4, freeze_statistics=True))


def _member(rank: int, count: int, port: int, folder: str) -> None:
    os.environ.update(
        RANK=str(rank),
        LOCAL_RANK=str(rank),
        WORLD_SIZE=str(count),
        MASTER_ADDR="127.0.0.1",
        MASTER_PORT=str(port),
    )
    torch.set_num_threads(1)
    files = sorted(Path(folder).glob("painting*.png"))
    net, losses = run(Path(folder) / f"run{count}", PLAN, every=100, paintings=StylePictures(files, side=32))
    torch.save((net.state_dict(), losses), Path(folder) / f"{count}-{rank}.pt")


@pytest.mark.slow
def test_two_processes_are_one_with_the_whole_batch(tmp_path: Path) -> None:
    for i in range(3):
        gradient(40, 36, seed=i).save(tmp_path / f"painting{i}.png")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    mp.spawn(_member, (2, port, str(tmp_path)), nprocs=2)
    mp.spawn(_member, (1, port, str(tmp_path)), nprocs=1)

    weights, losses = torch.load(tmp_path / "1-0.pt")
    for rank in (0, 1):
        others, other_losses = torch.load(tmp_path / f"2-{rank}.pt")
        for (step, terms), (_, other) in zip(losses, other_losses, strict=True):
            assert other == pytest.approx(terms, rel=2e-3, abs=1e-4), step
        for key, value in weights.items():
            assert torch.allclose(others[key].float(), value.float(), atol=2e-3), key
