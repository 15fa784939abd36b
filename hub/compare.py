"""Our toons beside other people's, for the README.

    python hub/compare.py --cartoongan cartoongan_hayao.safetensors --peer AnimeGANv3_Hayao_36.onnx \
        --out adapters/comparison.jpg

Peers are ONNX files whose conventions stand in the `contracts.json` beside them (as for `multitoon bench`).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from gallery import CREDITS
from PIL import Image
from skimage import data_dir

from multitoon import MultiToon, contact_sheet, read_photo
from multitoon.data.teacher import load_cartoongan
from multitoon.evaluate.contender import Contender, load_contender
from multitoon.evaluate.runtime import open_session
from multitoon.image import to_image, to_tensor

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
    teacher = load_cartoongan(arguments.cartoongan)
    peers = [load_contender(path) for path in arguments.peer]
    rows = []
    for name in CREDITS:
        photo = _fitted(read_photo(Path(data_dir) / name).rgb)
        row = {"photo": photo, f"multitoon {arguments.style}": toon.stylize(photo)}
        with torch.inference_mode():
            row["CartoonGAN"] = to_image(teacher(to_tensor(photo)))
        rows.append(row | {peer.name: _draw(peer, photo) for peer in peers})
    contact_sheet(rows, cell=arguments.cell).save(arguments.out, quality=88)
    print(arguments.out)


def _fitted(photo: Image.Image) -> Image.Image:
    scale = min(1.0, SIDE / max(photo.size))
    return photo.resize(tuple(int(side * scale) // 16 * 16 for side in photo.size), Image.Resampling.LANCZOS)


def _draw(peer: Contender, photo: Image.Image) -> Image.Image:
    low, high = peer.range
    pixels = np.asarray(photo, dtype=np.float32)[None] / 255 * (high - low) + low  # (1, H, W, 3)
    session = open_session(peer.path, threads=2)
    order = slice(None, None, -1) if peer.bgr else slice(None)
    pixels = pixels[..., order]
    x = pixels if peer.channels_last else pixels.transpose(0, 3, 1, 2)
    y = session.run(None, {session.get_inputs()[0].name: np.ascontiguousarray(x)})[0]
    y = (y if peer.channels_last else y.transpose(0, 2, 3, 1))[..., order]
    return Image.fromarray(((y[0] - low) / (high - low) * 255).clip(0, 255).round().astype(np.uint8))


if __name__ == "__main__":
    main()
