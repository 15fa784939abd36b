"""Peak memory of one network in a process of its own: what a user's machine must have.

python -m multitoon.evaluate.memory model.onnx HEIGHT WIDTH THREADS
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

STATUS = Path("/proc/self/status")
"""Linux's account of a process. `getrusage` would count what the parent held when it started this one."""


def peak_megabytes(model: Path, size: tuple[int, int], threads: int) -> float | None:
    """Peak resident memory, in 10⁶ bytes, of a process that draws one picture of `size` (H, W) by `model`.

    None where the system keeps no such account.
    """
    if not STATUS.is_file():
        return None
    words = [sys.executable, "-m", "multitoon.evaluate.memory", model, *size, threads]
    result = subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True)
    return float(result.stdout)


def peak_of_this_process() -> float | None:
    """Peak resident memory so far, in 10⁶ bytes; None where the system keeps no such account."""
    if not STATUS.is_file():
        return None
    peak = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(peak.split()[1]) * 1024 / 1e6


def _main(model: str, height: str, width: str, threads: str) -> None:
    from multitoon.evaluate.contender import load_contender
    from multitoon.evaluate.runtime import open_session, run

    contender = load_contender(Path(model))
    run(open_session(contender.path, int(threads)), contender.picture((int(height), int(width))))
    print(peak_of_this_process())


if __name__ == "__main__":
    _main(*sys.argv[1:])
