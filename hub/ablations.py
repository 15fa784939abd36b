"""What each part of a training does: short runs, equal but for that part, measured on the same photos.

    python hub/ablations.py --photos DIR --cache DIR --val DIR --style-images DIR --teacher-toons DIR \
        --features FILE --peer AnimeGANv3_tiny_Cute.onnx -o runs/ablation

`style`: parts of the recipe that learns Hayao from its frames (`configs/ablation/style.yaml`), the
normalizations, and both halves of the initialization on pairs by the classical filters: `bare` has none in
its backbone either. `teachers`: does a backbone serve a style that it never saw? `losses`: what does the
stroke loss add? `shapes`: which blocks, and where, follow a teacher best for their time? TEACHER_TOONS are
CartoonGAN's Shinkai of the photos of VAL, and only --only speed wants a quiet machine. What was done already
is not done again, a run that was stopped goes on, and `--only NAME` makes a part. All goes into
`hub/figures/ablation/`; `python hub/readme.py` makes the tables of `configs/ablation/README.md`.
"""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

from record import record
from trained import add_folders, lets_of, trained

CONFIGS = "configs/ablation"


@dataclasses.dataclass(frozen=True)
class Run:
    """An adapter on a backbone of its own making."""

    backbone: str
    """`NAME` of runs/ablation/backbone-NAME."""
    config: str
    """Of the adapter, in `configs/ablation`."""
    changes: tuple[str, ...] = ()
    """Keys of it that differ."""


STYLE_RUNS = {
    "whole": Run("pbn", "style"),
    "no-init": Run("pbn", "style-no-init"),
    "bare": Run("bare", "style-no-init"),
    "no-gray": Run("pbn", "style-no-gray"),
    "no-color": Run("pbn", "style-no-color"),
    "wgan-gp": Run("pbn", "style", ("style_critic.objective=wgan_gp",)),
    "in": Run("in", "style"),
    "lin": Run("lin", "style"),
}
TEACHER_RUNS = {"two": Run("two", "shinkai"), "three": Run("three", "shinkai")}
BACKBONES = {
    "pbn": ("norms", (f"backbone={CONFIGS}/backbone-pbn.yaml",)),
    "in": ("norms", (f"backbone={CONFIGS}/backbone-in.yaml",)),
    "lin": ("norms", (f"backbone={CONFIGS}/backbone-lin.yaml",)),
    "bare": ("bare", (f"backbone={CONFIGS}/backbone-pbn.yaml",)),
    "two": ("two-teachers", ()),
    "three": ("three-teachers", ()),
}
"""Name to config and changes."""
SHAPES = {
    "shipped": "configs/backbone/multitoon.yaml",
    "narrow": f"{CONFIGS}/backbone-pbn.yaml",
    **{shape: f"{CONFIGS}/shape-{shape}.yaml" for shape in ("wide", "late", "deep", "inverted")},
}
"""Name to the preset of a backbone."""
LOSSES = {"strokes": (), "distances": ("phases.0.weights.stroke=0",)}
"""Name to changes of strokes.yaml."""
SPEED = "speed"
"""The row that no training makes: the time of all shapes."""


SHARED = ("--photos", "PHOTOS", "--cache", "CACHE", "--threads", "1", "--mixed-precision", "no")
FEW = ("--max-train-samples", "400", "--checkpointing-steps", "100")


def train(name: str, run: Run, style: str, lets: dict[str, str]) -> dict[str, object]:
    """Train the backbone of `run` and the adapter on it, where they are missing; the adapter's facts."""
    config, changes = BACKBONES[run.backbone]
    words = ["train-backbone", "--config", f"{CONFIGS}/{config}.yaml", *_sets(changes), *SHARED, *FEW]
    folder = f"RUNS/backbone-{run.backbone}"
    backbone = trained([*words, "-o", folder], f"{folder}/backbone/config.json", lets)
    words = ["train-adapter", "--style", style, "--config", f"{CONFIGS}/{run.config}.yaml", "--skip-doctor"]
    words += [*_sets(run.changes), "--backbone", f"{folder}/backbone", *SHARED, *FEW]
    if run in STYLE_RUNS.values():
        words += ["--style-images", "STYLE_IMAGES", "--feature-weights", "FEATURES"]
    adapter = trained([*words, "-o", f"RUNS/{name}"], f"RUNS/{name}/{style}/adapter_config.json", lets)
    return {**adapter, "backbone": backbone}


def measure(name: str, run: Run, style: str, lets: dict[str, str], training: dict[str, object]) -> Path:
    """Keep the figures of one row."""
    words = ["multitoon", "evaluate", "--style", f"RUNS/{name}/{style}"]
    words += ["--backbone", f"RUNS/backbone-{run.backbone}/backbone", "--photos", "VAL"]
    words += ["--feature-weights", "FEATURES"]
    if run in STYLE_RUNS.values():
        words += ["--style-images", "STYLE_IMAGES"]
    else:
        words += ["--teacher-toons", "TEACHER_TOONS"]
    return record(f"ablation/{name}", [*words, "--json"], lets, training=training)


def measure_shinkai(name: str, config: str, changes: tuple[str, ...], lets: dict[str, str]) -> Path:
    """Train a backbone with Shinkai alone, where it is missing, and keep the figures of its style."""
    words = ["train-backbone", "--config", f"{CONFIGS}/{config}.yaml", *_sets(changes)]
    words += [*SHARED, "--checkpointing-steps", "200", "-o", f"RUNS/{name}"]
    training = trained(words, f"RUNS/{name}/backbone/config.json", lets)
    words = ["multitoon", "evaluate", "--style", f"RUNS/{name}/throw-away/shinkai"]
    words += ["--backbone", f"RUNS/{name}/backbone", "--photos", "VAL", "--teacher-toons", "TEACHER_TOONS"]
    return record(f"ablation/{name}", [*words, "--json"], lets, training=training)


def time_shapes(lets: dict[str, str]) -> Path:
    """Keep the time of all shapes, untrained and merged, beside a peer's."""
    words = ["multitoon", "bench", *(word for path in SHAPES.values() for word in ("--backbone", path))]
    words += ["--against", "PEER", "--sizes", "512,1080p", "--threads", "2", "--rounds", "7"]
    return record("ablation/shapes-speed", [*words, "--json"], lets)


def _sets(changes: tuple[str, ...]) -> list[str]:
    return [word for change in changes for word in ("--set", change)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_folders(parser, "Shinkai")
    parser.add_argument("--peer", type=Path, metavar="FILE", help="an ONNX file, for the times")
    rows = [*STYLE_RUNS, *TEACHER_RUNS, *LOSSES, *SHAPES, SPEED]
    parser.add_argument("--only", action="append", choices=rows, help="a row")
    arguments = parser.parse_args()
    wanted = arguments.only or rows
    if SPEED in wanted and arguments.peer is None:
        parser.error(f"the row {SPEED} needs --peer")
    lets = lets_of(arguments)
    for style, runs in (("hayao", STYLE_RUNS), ("shinkai", TEACHER_RUNS)):
        for name, run in runs.items():
            if name in wanted:
                print(measure(name, run, style, lets, train(name, run, style, lets)), flush=True)
    for name, changes in LOSSES.items():
        if name in wanted:
            print(measure_shinkai(name, "strokes", changes, lets), flush=True)
    for name, preset in SHAPES.items():
        if name in wanted:
            print(measure_shinkai(f"shape-{name}", "shapes", (f"backbone={preset}",), lets), flush=True)
    if SPEED in wanted:
        print(time_shapes(lets | {"PEER": str(arguments.peer)}), flush=True)


if __name__ == "__main__":
    main()
