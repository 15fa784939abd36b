"""What one photo costs from a cold start: the whole command, Python's and torch's start included.

    python hub/cold.py --sizes 512x512,1920x1080,4000x3000 --json

Each size is drawn three times from a JPEG that is scaled from scikit-image's astronaut (NASA, public domain);
seconds are the median, memory the largest of the three.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from multitoon.evaluate.machine import machine

ROUNDS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="512x512,1920x1080,4000x3000", help="WIDTHxHEIGHT, ...")
    parser.add_argument("--style", default="hayao")
    parser.add_argument("--json", action="store_true", help="which is all it prints")
    arguments = parser.parse_args()
    rows = [{"what": "multitoon --help", **_measured(["--help"])}]
    with tempfile.TemporaryDirectory() as folder:
        photo = Path(folder) / "photo.jpg"
        for text in arguments.sizes.split(","):
            # In a process of its own: a child's peak begins at what its parent holds.
            subprocess.run([sys.executable, __file__, "--", text, photo], check=True)
            words = ["stylize", photo, "--style", arguments.style, "-o", f"{folder}/toon.png", "--overwrite"]
            rows.append({"what": f"multitoon stylize, {text}", **_measured(words)})
    print(json.dumps({"machine": machine(), "rounds": ROUNDS, "rows": rows}, indent=2))


def _measured(words: list[object]) -> dict[str, float]:
    seconds = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-m", "multitoon", *map(str, words)], check=True, capture_output=True)
        seconds.append(time.perf_counter() - begun)
    # Linux counts in KiB, and the largest child so far: sizes go up, so it is this one's.
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6
    return {"seconds": round(statistics.median(seconds), 2), "megabytes": round(peak)}


def _write_photo(size: str, path: str) -> None:
    from PIL import Image
    from skimage import data

    width, height = map(int, size.split("x"))
    Image.fromarray(data.astronaut()).resize((width, height), Image.Resampling.LANCZOS).save(path, quality=92)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--"]:
        _write_photo(*sys.argv[2:])
    else:
        main()
