"""What a time was measured on."""

from __future__ import annotations

import os
import platform
from pathlib import Path

CPUS = Path("/proc/cpuinfo")
"""Linux's list of processors, with their names."""


def machine() -> str:
    """Such as `AMD EPYC, 2 cores, Linux x86_64`; without the name where the system does not tell it."""
    found = []
    if CPUS.is_file():
        lines = CPUS.read_text(encoding="utf-8").splitlines()
        found = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")][:1]
    return ", ".join([*found, f"{os.cpu_count()} cores", f"{platform.system()} {platform.machine()}"])
