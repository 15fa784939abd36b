"""CartoonGAN without statistics of the picture: what of its drawing a network that has none could learn.

    python hub/peers.py --cartoongan FILE --statistics-of TRAIN --photos PHOTOS --out STATIC
    multitoon evaluate --toons STATIC --photos PHOTOS --teacher-toons TEACHER_TOONS --json

Its instance norms take mean and variance from each picture. Here they have those of a mean picture: the mean
over some photos of each channel's mean and standard deviation, measured in the network as it is.
"""

from __future__ import annotations

from collections import defaultdict

import torch
from rich.progress import track
from torch import Tensor

from multitoon.model.backbone import Backbone
from multitoon.model.norms import InstanceNorm, ParameterizedBatchNorm


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
