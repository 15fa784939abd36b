"""Where a network runs."""

from __future__ import annotations

import torch

from multitoon.errors import UsageError


def pick_device(name: str) -> torch.device:
    """`auto` as the fastest device of this machine, any other name as itself.

    Raises:
        UsageError: not one of `auto`, `cpu`, `cuda`, `mps`, or not on this machine.
    """
    here = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return torch.device(next(kind for kind, present in here.items() if present))
    if not here.get(name.partition(":")[0], False):
        known = ", ".join(kind for kind, present in here.items() if present)
        raise UsageError(f"Device {name!r} is not on this machine; it has {known}.", "Use --device auto.")
    return torch.device(name)
