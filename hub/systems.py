"""The four systems and multitoon, each trained for the same time and measured on the same photos.

    python hub/systems.py --photos DIR --cache DIR --val DIR --teacher-toons DIR --style-images DIR \
        --features FILE -o runs/systems

One preset after the other learns CartoonGAN's Hayao by the same recipe: L1 and gradients, crops of 128
pixels, one thread; `configs/system/PRESET.yaml` has as many steps as fit into the same minutes. What was done
already is not done again, and a run that was stopped goes on. Then each is measured, with CartoonGAN's
published weights and the shipped hayao beside them, and all networks are timed in one run. Everything goes
into `hub/figures/systems/`; `python hub/readme.py` makes the tables.

CACHE holds CartoonGAN's pictures of the photos of --photos (CACHE/hayao/*.png, as `multitoon train-adapter`
leaves them; --teacher FILE draws what is missing), TEACHER_TOONS those of the photos of --val.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from record import record
from trained import add_folders, lets_of, trained

PRESETS = ("lcgan", "lwcomicgan", "cartoongan", "animeganv2", "multitoon")
STYLE = "hayao"


def train(preset: str, arguments: argparse.Namespace, lets: dict[str, str]) -> dict[str, object]:
    """Train `preset` if it isn't yet; the facts of its run."""
    words = ["train-backbone", "--config", f"configs/system/{preset}.yaml", "--photos", "PHOTOS"]
    words += ["--cache", "CACHE", "--threads", "1", "--mixed-precision", "no", "--checkpointing-steps", "120"]
    words += ["--max-train-samples", "400"]
    if arguments.teacher:
        words += ["--teacher", f"{STYLE}=TEACHER"]
    return trained([*words, "-o", f"RUNS/{preset}"], f"RUNS/{preset}/backbone/config.json", lets)


def measure(name: str, source: list[str], lets: dict[str, str], **facts: object) -> Path:
    """Keep the figures of one style or folder of toons."""
    words = ["multitoon", "evaluate", *source, "--photos", "VAL", "--teacher-toons", "TEACHER_TOONS"]
    words += ["--style-images", "STYLE_IMAGES", "--feature-weights", "FEATURES", "--json"]
    return record(f"systems/{name}", words, lets, **facts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_folders(parser, "Hayao")
    parser.add_argument("--teacher", type=Path, help="CartoonGAN's weights, where pictures are missing")
    parser.add_argument("--only", choices=["train", "measure", "bench"], help="a part of it")
    arguments = parser.parse_args()
    lets = lets_of(arguments)
    if arguments.teacher:
        lets["TEACHER"] = str(arguments.teacher)
    wanted = [arguments.only] if arguments.only else ["train", "measure", "bench"]
    if "train" in wanted or "measure" in wanted:
        facts = {preset: train(preset, arguments, lets) for preset in PRESETS}
    if "measure" in wanted:
        for preset in PRESETS:
            source = ["--style", f"RUNS/{preset}/throw-away/{STYLE}", "--backbone", f"RUNS/{preset}/backbone"]
            print(measure(preset, source, lets, training=facts[preset]))
        print(measure("cartoongan-published", ["--toons", "TEACHER_TOONS"], lets))
        print(measure("multitoon-shipped", ["--style", STYLE], lets))
    if "bench" in wanted:
        words = ["multitoon", "bench", "--sizes", "512", "--threads", "2", "--json"]
        for preset in reversed(PRESETS):  # multitoon first: ratios are to the first
            words += ["--backbone", preset]
        print(record("systems/bench", words, lets))


if __name__ == "__main__":
    main()
