"""What a style costs: parameters, bytes, merge parity; and, in a process of its own, time and memory.

python -m multitoon.evaluate.cost STYLE PHOTO THREADS [BACKBONE]
"""

from __future__ import annotations

import dataclasses
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
from torch import Tensor

from multitoon.checkpoint import ADAPTER_WEIGHTS, BACKBONE_WEIGHTS, save_backbone
from multitoon.evaluate.artifacts import BORDER
from multitoon.evaluate.figures import CostFigures, NetworkFigures
from multitoon.evaluate.memory import peak_of_this_process
from multitoon.image import read_photo
from multitoon.stylize import MultiToon

DRAWINGS = 6
"""The first is not counted."""


@torch.no_grad()
def network_figures(toon: MultiToon, photo: Tensor) -> NetworkFigures:
    """Size and parity of the active style of `toon`.

    Args:
        photo: (1, 3, H, W) in [-1, 1].
    """
    (name,) = toon.active
    merged = toon.merge()
    difference = (merged(photo.float()) - toon.network(photo.float(), name)).abs().amax(1)  # (1, H, W)
    inside = torch.zeros_like(difference)
    inside[:, BORDER:-BORDER, BORDER:-BORDER] = 1
    with tempfile.TemporaryDirectory() as folder:
        save_backbone(toon.network.backbone, folder)
        toon.save_adapter(name, folder)
        sizes = [(Path(folder) / file).stat().st_size for file in (BACKBONE_WEIGHTS, ADAPTER_WEIGHTS)]
    return NetworkFigures(
        parameters=sum(p.numel() for p in merged.parameters()),
        adapter_parameters=sum(p.numel() for p in toon.network.adapters[name].parameters()),
        backbone_bytes=sizes[0],
        adapter_bytes=sizes[1],
        parity=difference.max().item(),
        parity_border=(difference * (1 - inside)).max().item(),
    )


def measure_cost(style: str, backbone: Path | None, photo: Path, threads: int) -> CostFigures:
    """Draw `photo`, at its own size, in a new process with so many threads, a few times."""
    words = [sys.executable, "-m", "multitoon.evaluate.cost", style, photo, threads]
    words += [backbone] if backbone else []
    result = subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True)
    found = json.loads(result.stdout)
    return CostFigures(**found | {"size": tuple(found["size"])})


def _main(style: str, photo: str, threads: str, backbone: str | None = None) -> None:
    torch.set_num_threads(int(threads))
    picture = read_photo(photo)
    toon = MultiToon.from_pretrained(backbone)
    toon.set_adapter(toon.load_adapter(style))
    times = []
    for _ in range(DRAWINGS):
        begun = time.perf_counter()
        toon.stylize(picture)
        times.append(1e3 * (time.perf_counter() - begun))
    figures = CostFigures(
        picture.size_wh[::-1], int(threads), statistics.median(times[1:]), peak_of_this_process()
    )
    print(json.dumps(dataclasses.asdict(figures)))


if __name__ == "__main__":
    _main(*sys.argv[1:])
