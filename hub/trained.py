"""A training run for the tables: made once, gone on with where it was stopped, and its facts."""

from __future__ import annotations

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
