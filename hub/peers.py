"""Other people's toons of a folder of photos, to measure them as ours are.

    python hub/peers.py --peer AnimeGANv3_Hayao_36.onnx --photos val --out toons/animeganv3-hayao
    python hub/peers.py --cartoongan cartoongan_hayao.safetensors --photos val --out toons/cartoongan-hayao

Each photo's square of 256 pixels, as `multitoon evaluate` cuts it, is drawn and kept as a PNG. Peers are
ONNX files whose conventions stand in the `contracts.json` beside them (as for `multitoon bench`).
With `--statistics-of TRAIN` CartoonGAN draws without statistics of the picture (`static_teacher.py`).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from static_teacher import make_static

from multitoon import read_photo, write_picture
from multitoon.data.teacher import load_cartoongan
from multitoon.evaluate.contender import load_contender
from multitoon.evaluate.pictures import pictures_in, square
from multitoon.evaluate.runtime import open_session
from multitoon.image import to_image, to_tensor

Draw = Callable[[Image.Image], Image.Image]
SAMPLE = 64
"""Photos whose statistics are taken, spread over their folder."""


def peer(path: Path) -> tuple[str, Draw]:
    """A peer's name, and how it draws an RGB picture whose sides it can take."""
    contender = load_contender(path)
    session = open_session(contender.path, threads=2)
    low, high = contender.range
    order = slice(None, None, -1) if contender.bgr else slice(None)

    def draw(photo: Image.Image) -> Image.Image:
        pixels = np.asarray(photo, dtype=np.float32)[None, ..., order] / 255 * (high - low) + low
        x = pixels if contender.channels_last else pixels.transpose(0, 3, 1, 2)
        y = session.run(None, {session.get_inputs()[0].name: np.ascontiguousarray(x)})[0]
        y = (y if contender.channels_last else y.transpose(0, 2, 3, 1))[0, ..., order]
        return Image.fromarray(((y - low) / (high - low) * 255).clip(0, 255).round().astype(np.uint8))

    return contender.name, draw


def cartoongan(path: Path, statistics_of: Sequence[Path] = ()) -> Draw:
    """How CartoonGAN's published weights draw an RGB picture of sides divisible by 4.

    Where there are photos to take them from, with those photos' mean statistics instead of the picture's own.
    """
    network = load_cartoongan(path)
    if statistics_of:
        with torch.inference_mode():
            make_static(network, [to_tensor(square(read_photo(photo).rgb)) for photo in statistics_of])

    def draw(photo: Image.Image) -> Image.Image:
        with torch.inference_mode():
            return to_image(network(to_tensor(photo)))

    return draw


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--peer", type=Path, help="an ONNX file")
    which.add_argument("--cartoongan", type=Path, help="published weights, safetensors")
    parser.add_argument("--statistics-of", type=Path, metavar="DIR", help="photos; with --cartoongan")
    parser.add_argument("--photos", type=Path, required=True, metavar="DIR")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    arguments = parser.parse_args()
    if arguments.peer and arguments.statistics_of:
        parser.error("--statistics-of goes with --cartoongan")
    some = _spread(pictures_in(arguments.statistics_of)) if arguments.statistics_of else ()
    draw = peer(arguments.peer)[1] if arguments.peer else cartoongan(arguments.cartoongan, some)
    for path in pictures_in(arguments.photos):
        toon = draw(square(read_photo(path).rgb))
        write_picture(arguments.out / f"{path.stem}.png", toon)
    print(arguments.out)


def _spread(photos: list[Path]) -> list[Path]:
    return photos[:: max(1, len(photos) // SAMPLE)][:SAMPLE]


if __name__ == "__main__":
    main()
