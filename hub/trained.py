"""Training runs for the tables: their folders, and each made once, gone on with where it was stopped."""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from record import with_paths

KEPT = ("steps", "seconds", "threads", "mixed_precision", "torch")


def trained(words: Sequence[str], done: str, lets: Mapping[str, str]) -> dict[str, object]:
    """Run `multitoon WORDS` unless the config `done` is there; the command and the facts that `done` holds.

    `words` begin with the command and end with the folder of the run; as in `done`, folders go by their
    names in `lets`.

    Raises:
        CalledProcessError: the run failed; it has said why.
    """
    config = Path(with_paths([done], lets)[0])
    if not config.exists():
        run = Path(with_paths(words[-1:], lets)[0])
        resume = ["--resume-from-checkpoint", "latest"] if (run / "checkpoint").exists() else []
        real = with_paths([*words, *resume], lets)
        print(shlex.join(["multitoon", *real]), file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "multitoon", *real], check=True)
    training = json.loads(config.read_text(encoding="utf-8"))["training"]
    return {"command": shlex.join(["multitoon", *words]), **{key: training[key] for key in KEPT}}


def add_folders(parser: argparse.ArgumentParser, teacher: str) -> None:
    """The options that name folders and weights; the toons to measure against are CartoonGAN's `teacher`."""
    folder = {"type": Path, "required": True, "metavar": "DIR"}
    parser.add_argument("--photos", **folder, help="to train on")
    parser.add_argument("--cache", **folder, help="CartoonGAN's pictures of those")
    parser.add_argument("--val", **folder, help="photos to measure on")
    parser.add_argument("--teacher-toons", **folder, help=f"CartoonGAN's {teacher} of VAL")
    parser.add_argument("--style-images", **folder, help="frames of the style")
    parser.add_argument("--features", type=Path, required=True, help="weights of VGG19")
    parser.add_argument("-o", "--output", **folder, help="folder of the runs")


def lets_of(arguments: argparse.Namespace) -> dict[str, str]:
    """What the names in commands stand for, from the options of `add_folders`."""
    return {
        "PHOTOS": str(arguments.photos),
        "CACHE": str(arguments.cache),
        "VAL": str(arguments.val),
        "TEACHER_TOONS": str(arguments.teacher_toons),
        "STYLE_IMAGES": str(arguments.style_images),
        "FEATURES": str(arguments.features),
        "RUNS": str(arguments.output),
    }
