"""The mean of trained adapters as one adapter: between a run and the one it began from, say.

    python hub/average.py runs/first/hayao:0.7 runs/second/hayao:0.3 --paper 0.01 -o runs/mean/hayao

It has the name of the first, the rank of each, the facts of the last one's training. `--strength 1.1` goes
on through it, from the untouched backbone, by a tenth of the way.
"""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

from multitoon.checkpoint import adapter_facts, adapters_home, load_adapter, load_backbone, save_adapter
from multitoon.cli.drawing import parse_mix
from multitoon.model.adapter import Adapter
from multitoon.model.average import average


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="+", metavar="FOLDER:WEIGHT")
    parser.add_argument("--backbone", type=Path, help="theirs; the shipped one if left out")
    parser.add_argument("--paper", type=float, help="grain of the paper; the mean of theirs if left out")
    parser.add_argument("--strength", type=float, default=1.0, help="of the mean; beyond 1 it is more so")
    parser.add_argument("-o", "--out", type=Path, required=True)
    arguments = parser.parse_args()
    backbone = load_backbone(arguments.backbone or adapters_home() / "backbone")
    mix = parse_mix(",".join(arguments.parts))
    parts = {load_adapter(folder, backbone): arguments.strength * weight for folder, weight in mix.items()}
    if arguments.strength != 1:
        untouched = Adapter(backbone, next(iter(parts)).config)
        parts[untouched] = 1 - arguments.strength
    mean = average(parts)
    if arguments.paper is not None:
        mean.config = dataclasses.replace(mean.config, paper=arguments.paper)
    training = adapter_facts(list(mix)[-1]).get("training", {}) | {"mean_of": list(mix.values())}
    if arguments.strength != 1:
        training["strength"] = arguments.strength
    save_adapter(mean, arguments.out, backbone, training=training)
    print(arguments.out)


if __name__ == "__main__":
    main()
