"""Our toons beside other people's, for the README.

    python hub/compare.py --cartoongan cartoongan_hayao.safetensors --peer AnimeGANv3_Hayao_36.onnx \
        --out adapters/comparison.jpg

Peers are ONNX files whose conventions stand in the `contracts.json` beside them (as for `multitoon bench`).
"""

from __future__ import annotations

import argparse
from pathlib import Path

from gallery import CREDITS
from peers import cartoongan, peer
from PIL import Image
from skimage import data_dir

from multitoon import MultiToon, contact_sheet, read_photo

SIDE = 512
"""Longer side at which all draw, in pixels, rounded down to multiples of 16."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--style", default="hayao")
    parser.add_argument("--cartoongan", type=Path, required=True, help="published weights, safetensors")
    parser.add_argument("--peer", type=Path, action="append", default=[], help="an ONNX file; repeatable")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--cell", type=int, default=320, help="longer side of the sheet's pictures, pixels")
    arguments = parser.parse_args()

    toon = MultiToon.from_pretrained()
    toon.set_adapter(arguments.style)
    others = {"CartoonGAN": cartoongan(arguments.cartoongan)} | dict(map(peer, arguments.peer))
    rows = []
    for name in CREDITS:
        photo = _fitted(read_photo(Path(data_dir) / name).rgb)
        row = {"photo": photo, f"multitoon {arguments.style}": toon.stylize(photo)}
        rows.append(row | {name: draw(photo) for name, draw in others.items()})
    contact_sheet(rows, cell=arguments.cell).save(arguments.out, quality=88)
    print(arguments.out)


def _fitted(photo: Image.Image) -> Image.Image:
    scale = min(1.0, SIDE / max(photo.size))
    return photo.resize(tuple(int(side * scale) // 16 * 16 for side in photo.size), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    main()
