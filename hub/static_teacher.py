"""CartoonGAN without statistics of the picture: what of its drawing a network that has none could learn.

    python hub/static_teacher.py --cartoongan FILE --photos TRAIN --val PHOTOS --out STATIC
    multitoon evaluate --toons STATIC --photos PHOTOS --teacher-toons TEACHER_TOONS --json

Its instance norms take mean and variance from each picture. Here they have those of a mean picture: the mean
over some photos of each channel's mean and standard deviation, measured in the network as it is.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path

import torch
from rich.progress import track
from torch import Tensor

from multitoon.data.teacher import load_cartoongan
from multitoon.evaluate.pictures import pictures_in, read_square
from multitoon.image import float_to_pixels, pixels_to_float, to_image
from multitoon.model.backbone import Backbone
from multitoon.model.norms import InstanceNorm, ParameterizedBatchNorm


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cartoongan", type=Path, required=True, help="published weights, safetensors")
    parser.add_argument("--photos", type=Path, required=True, help="photos to take the statistics from")
    parser.add_argument("--count", type=int, default=64, help="how many of them, spread over the folder")
    parser.add_argument("--val", type=Path, required=True, help="photos to draw")
    parser.add_argument("--out", type=Path, required=True, help="folder for the toons")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)

    photos = pictures_in(arguments.photos)
    some = photos[:: max(1, len(photos) // arguments.count)][: arguments.count]
    network = load_cartoongan(arguments.cartoongan)
    with torch.inference_mode():
        make_static(network, [read_square(path).float() for path in some])
        for path in track(pictures_in(arguments.val), "drawing"):
            toon = float_to_pixels(network(read_square(path).float()))
            to_image(pixels_to_float(toon)).save(arguments.out / f"{path.stem}.png")
    print(arguments.out)


def make_static(network: Backbone, photos: list[Tensor]) -> None:
    """Give the instance norms of `network` the mean statistics of `photos`, (1, 3, H, W) in [-1, 1] each."""
    means, deviations = defaultdict(list), defaultdict(list)
    units = [unit for unit in network.units().values() if isinstance(unit.norm, InstanceNorm)]

    def measure(norm: InstanceNorm, inputs: tuple[Tensor]) -> None:
        variance, mean = torch.var_mean(inputs[0], (0, 2, 3), correction=0)
        means[norm].append(mean)
        deviations[norm].append(variance.sqrt())

    hooks = [unit.norm.register_forward_pre_hook(measure) for unit in units]
    for photo in track(photos, "statistics"):
        network(photo)
    for hook in hooks:
        hook.remove()
    for unit in units:
        static = ParameterizedBatchNorm(len(unit.norm.scale), unit.norm.eps).eval()
        static.scale, static.shift = unit.norm.scale, unit.norm.shift
        static.mean.copy_(torch.stack(means[unit.norm]).mean(0))
        static.var.copy_(torch.stack(deviations[unit.norm]).mean(0).square())
        unit.norm = static


if __name__ == "__main__":
    main()
