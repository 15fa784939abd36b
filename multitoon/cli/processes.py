"""One batch on many processes or machines, as `torchrun` starts them: each takes its share, one reports.

torchrun --nproc-per-node 2 -m multitoon stylize album/ -o toons/
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Sequence
from typing import TypeVar

from multitoon.errors import UsageError

T = TypeVar("T")

PATIENCE = datetime.timedelta(days=7)
"""How long a process that is done waits for the others."""


def rank_and_size() -> tuple[int, int]:
    """This process's number and how many there are, from RANK and WORLD_SIZE; (0, 1) without them.

    Raises:
        UsageError: values that do not fit together.
    """
    rank, size = os.environ.get("RANK", "0"), os.environ.get("WORLD_SIZE", "1")
    if not (rank.isdecimal() and size.isdecimal() and int(rank) < int(size)):
        raise UsageError(f"RANK is {rank!r} and WORLD_SIZE {size!r}; wanted 0 <= RANK < WORLD_SIZE.")
    return int(rank), int(size)


def share(items: Sequence[T]) -> list[T]:
    """Every WORLD_SIZE-th item, beginning with this process's."""
    rank, size = rank_and_size()
    return list(items[rank::size])


def gather(items: list[T]) -> list[T]:
    """The items of all processes, in every one of them, once the last is done.

    Processes that cannot meet keep to their own. Waiting for each other matters beyond the report: torchrun
    ends all processes as soon as one leaves with an error.
    """
    _, size = rank_and_size()
    if size == 1 or not _meet():
        return items
    import torch.distributed

    torch.distributed.init_process_group("gloo", timeout=PATIENCE)
    parts: list[list[T]] = [[] for _ in range(size)]
    torch.distributed.all_gather_object(parts, items)
    torch.distributed.destroy_process_group()
    return [item for part in parts for item in part]


def reports() -> bool:
    """Whether this process prints the report: the first of those that meet, and each that is on its own."""
    return rank_and_size()[0] == 0 or not _meet()


def _meet() -> bool:
    return "MASTER_ADDR" in os.environ  # set by torchrun
