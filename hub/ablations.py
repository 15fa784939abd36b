"""What each part of a training does: short runs, equal but for that part, measured on the same photos.

    python hub/ablations.py --photos DIR --cache DIR --val DIR --style-images DIR --teacher-toons DIR \
        --features FILE -o runs/ablation

`style`: parts of the recipe that learns Hayao from its frames (`configs/ablation/style.yaml`), the
normalizations, and both halves of the initialization on pairs by the classical filters: `bare` has none in
its backbone either. `teachers`: does a backbone serve a style that it never saw? TEACHER_TOONS are
CartoonGAN's Shinkai of the photos of VAL. What was done already is not done again, a run that was stopped
goes on, and `--only NAME` makes a part. All goes into `hub/figures/ablation/`; `python hub/readme.py` makes
the tables of `configs/ablation/README.md`.
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


def train(name: str, run: Run, style: str, lets: dict[str, str]) -> dict[str, object]:
    """Train the backbone of `run` and the adapter on it, where they are missing; the adapter's facts."""
    shared = ["--photos", "PHOTOS", "--cache", "CACHE", "--threads", "1", "--mixed-precision", "no"]
    shared += ["--max-train-samples", "400", "--checkpointing-steps", "100"]
    config, changes = BACKBONES[run.backbone]
    words = ["train-backbone", "--config", f"{CONFIGS}/{config}.yaml", *_sets(changes), *shared]
    folder = f"RUNS/backbone-{run.backbone}"
    backbone = trained([*words, "-o", folder], f"{folder}/backbone/config.json", lets)
    words = ["train-adapter", "--style", style, "--config", f"{CONFIGS}/{run.config}.yaml", "--skip-doctor"]
    words += [*_sets(run.changes), "--backbone", f"{folder}/backbone", *shared]
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


def _sets(changes: tuple[str, ...]) -> list[str]:
    return [word for change in changes for word in ("--set", change)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_folders(parser, "Shinkai")
    parser.add_argument("--only", action="append", choices=[*STYLE_RUNS, *TEACHER_RUNS], help="a row")
    arguments = parser.parse_args()
    lets = lets_of(arguments)
    for style, runs in (("hayao", STYLE_RUNS), ("shinkai", TEACHER_RUNS)):
        for name, run in runs.items():
            if not arguments.only or name in arguments.only:
                print(measure(name, run, style, lets, train(name, run, style, lets)), flush=True)


if __name__ == "__main__":
    main()
