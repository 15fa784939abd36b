"""The example photos of the demo: small copies of licensed photos that come with scikit-image.

    python hub/example_photos.py --out multitoon/demo/photos

Nothing is downloaded. Their toons are drawn by the page itself when it starts.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from gallery import CREDITS
from PIL import Image
from skimage import data_dir

LONGER_SIDE = 640
"""Pixels."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--out", type=Path, default=Path("multitoon/demo/photos"), help="folder of the copies"
    )
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name in CREDITS:
        with Image.open(Path(data_dir) / name) as image:
            photo = image.convert("RGB")
        photo.thumbnail((LONGER_SIDE, LONGER_SIDE), Image.Resampling.LANCZOS)
        target = arguments.out / f"{Path(name).stem}.jpg"
        photo.save(target, quality=88, optimize=True)
        print(f"{target}  {photo.width}x{photo.height}  {target.stat().st_size / 1000:.0f} KB")
    lines = [f"{Path(name).stem}.jpg: {credit}\n" for name, credit in CREDITS.items()]
    (arguments.out / "CREDITS.txt").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
