"""Milliseconds of ONNX files side by side: interleaved in one run, so that their ratios can be trusted."""

from __future__ import annotations

import dataclasses
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from multitoon.errors import UsageError
from multitoon.evaluate.contender import Contender, count_macs
from multitoon.evaluate.machine import machine
from multitoon.evaluate.memory import peak_megabytes
from multitoon.evaluate.runtime import open_session, run, runtime_version
from multitoon.evaluate.yardstick import Yardstick, write_yardsticks

WARM_UP = 2
"""Rounds that are not counted: the first ones allocate memory."""
PAUSE = 0.05
"""Seconds between two networks: the threads of the last one spin for a while after its end."""

Size = tuple[int, int]
Times = dict[tuple[str, Size], list[float]]
"""Milliseconds of each round, by network and size."""


@dataclasses.dataclass(frozen=True)
class Timing:
    """One network at one size."""

    name: str
    size: Size
    """(H, W) in pixels that was asked for; the network may have drawn its next multiple."""
    milliseconds: float
    """Median of the rounds."""
    fastest: float
    """Milliseconds of the fastest round."""
    times_first: float
    """How many times the first network's milliseconds."""
    gmac: float
    """10⁹ multiply-adds."""
    gflops: float
    """10⁹ operations, two per multiply-add, per second."""
    share_of_limit: float
    """`gflops` over those of the faster yardstick."""
    peak_megabytes: float | None
    """Memory of a process of its own that draws one picture."""


@dataclasses.dataclass(frozen=True)
class Model:
    """What a network costs at any size."""

    name: str
    parameters: int
    megabytes: float
    """Of the file, 10⁶ bytes."""


@dataclasses.dataclass(frozen=True)
class Bench:
    """One run."""

    threads: int
    rounds: int
    machine: str
    runtime: str
    gflops: dict[str, float]
    """10⁹ operations, two per multiply-add, per second of the yardsticks."""
    models: tuple[Model, ...]
    timings: tuple[Timing, ...]


def bench(
    contenders: Sequence[Contender],
    sizes: Sequence[Size],
    *,
    threads: int = 2,
    rounds: int = 7,
    talk: Callable[[str], None] = lambda line: None,
) -> Bench:
    """Time all `contenders` at all `sizes` (H, W) in pixels; ratios are to the first.

    Raises:
        UsageError: nothing to time, or two networks of one name.
        MissingExtraError: onnx or onnxruntime is not installed.
    """
    if not contenders or not sizes or rounds < 1 or threads < 1:
        raise UsageError("A bench needs at least one network, one size, one round and one thread.")
    if len({contender.name for contender in contenders}) < len(contenders):
        raise UsageError(f"Two networks of one name: {', '.join(c.name for c in contenders)}.")
    with tempfile.TemporaryDirectory() as folder:
        yardsticks = write_yardsticks(Path(folder))
        times = _interleaved(contenders, yardsticks, sizes, threads, rounds, talk)
    gflops = {
        yard.name: 2e-6 * yard.macs / min(statistics.median(times[yard.name, size]) for size in sizes)
        for yard in yardsticks
    }
    talk("Counting operations, and memory in processes of their own")
    timings = []
    for size in sizes:
        first = statistics.median(times[contenders[0].name, size])
        for contender in contenders:
            median = statistics.median(times[contender.name, size])
            gmac = count_macs(contender, size) / 1e9
            speed = 2e3 * gmac / median
            timings.append(
                Timing(
                    name=contender.name,
                    size=size,
                    milliseconds=median,
                    fastest=min(times[contender.name, size]),
                    times_first=median / first,
                    gmac=gmac,
                    gflops=speed,
                    share_of_limit=speed / max(gflops.values()),
                    peak_megabytes=peak_megabytes(contender.path, size, threads),
                )
            )
    models = [Model(c.name, c.parameters, c.path.stat().st_size / 1e6) for c in contenders]
    return Bench(threads, rounds, machine(), runtime_version(), gflops, tuple(models), tuple(timings))


def _interleaved(
    contenders: Sequence[Contender],
    yardsticks: Sequence[Yardstick],
    sizes: Sequence[Size],
    threads: int,
    rounds: int,
    talk: Callable[[str], None],
) -> Times:
    """Every network once per round: what slows the machine down for a while slows all of them."""
    sessions = {entry.name: open_session(entry.path, threads) for entry in (*contenders, *yardsticks)}
    times: Times = {(name, size): [] for name in sessions for size in sizes}
    for size in sizes:
        talk(f"{size[1]}x{size[0]}: {WARM_UP} + {rounds} rounds of {len(contenders)} networks")
        arrays = {c.name: c.picture(size) for c in contenders} | {y.name: y.array() for y in yardsticks}
        for number in range(WARM_UP + rounds):
            for name, array in arrays.items():
                time.sleep(PAUSE)
                begun = time.perf_counter()
                run(sessions[name], array)
                if number >= WARM_UP:
                    times[name, size].append(1e3 * (time.perf_counter() - begun))
    return times
