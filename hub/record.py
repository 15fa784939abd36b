"""Run a command that prints JSON, and keep what it printed, with the command, in `hub/figures/NAME.json`.

    python hub/record.py hayao --let PHOTOS=DIR --let CARTOONGAN_HAYAO=DIR -- \
        multitoon evaluate --style hayao --photos PHOTOS --teacher-toons CARTOONGAN_HAYAO --json

The names given with --let stand for folders and files of this machine: the command runs with the paths, and
is kept, as is every path in its output, with the names.
"""

from __future__ import annotations

import argparse
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from multitoon.cli.output import write_json

FIGURES = Path(__file__).with_name("figures")


def record(name: str, words: Sequence[str], lets: Mapping[str, str], **facts: Any) -> Path:
    """Run `words` and write `FIGURES/NAME.json`: what they printed, the command under `command`, and `facts`.

    Raises:
        SystemExit: the command failed; it has said why.
    """
    run = with_paths(words, lets)
    if run[0] in ("multitoon", "python"):
        run[:1] = [sys.executable, "-m", "multitoon"] if run[0] == "multitoon" else [sys.executable]
    result = subprocess.run(run, stdout=subprocess.PIPE, text=True)
    if result.returncode:
        raise SystemExit(result.returncode)
    printed = result.stdout
    for key, value in lets.items():
        printed = printed.replace(json.dumps(value)[1:-1], key)
    target = FIGURES / f"{name}.json"
    write_json(target, {"command": shlex.join(words), **facts, **json.loads(printed)})
    return target


def with_paths(words: Sequence[str], lets: Mapping[str, str]) -> list[str]:
    """`words` with each name in `lets`, whole or a part such as `RUNS/hayao`, as what it stands for."""
    return [re.sub(r"[A-Z_]+", lambda m: lets.get(m[0], m[0]), word) for word in words]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", help="of the file, without .json")
    parser.add_argument("--let", action="append", default=[], metavar="NAME=PATH")
    parser.add_argument("command", nargs="+", help="after --")
    arguments = parser.parse_args()
    lets = dict(text.split("=", 1) for text in arguments.let)
    print(record(arguments.name, arguments.command, lets))


if __name__ == "__main__":
    main()
