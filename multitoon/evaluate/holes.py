"""How close a fill comes to what was there: four figures, inside the hole alone."""

from __future__ import annotations

import math

import torch.nn.functional as F
from torch import Tensor

from multitoon.errors import UsageError
from multitoon.evaluate.structure import WINDOW, gradient_similarity_map, ssim_map
from multitoon.model.features import FeatureNetwork

VGG_LAYERS = ("conv1_2", "conv2_2", "conv3_4", "conv4_4")
"""Maps of VGG19 that are compared, one of each block up to the fourth."""
BETTER_IF_LARGER = {"psnr": True, "ssim": True, "gms": True, "vgg": False}


def hole_figures(
    filled: Tensor, truth: Tensor, hole: Tensor, features: FeatureNetwork | None = None
) -> dict[str, float]:
    """PSNR in dB, SSIM, gradient-magnitude similarity and, with `features`, the distance in VGG19's maps.

    SSIM is averaged over the windows whose center lies in the hole. The VGG distance is that of LPIPS without
    its learnt weights (Zhang et al. 2018, eq. 1): maps after the ReLU, each position's vector of channels
    scaled to length 1, squared distance, averaged over the hole and summed over layers.

    Args:
        filled, truth: (1, 3, H, W) in [-1, 1].
        hole: (1, 1, H, W), 1 = hole.
        features: with `VGG_LAYERS`.

    Raises:
        UsageError: an empty hole.
    """
    if not hole.any():
        raise UsageError("The hole is empty; there is nothing to measure.")
    error = _mean_in((filled - truth).square().mean(1, keepdim=True) / 4, hole)
    margin = WINDOW // 2
    padded = [F.pad(x, (margin,) * 4, mode="reflect") for x in (filled, truth)]
    figures = {
        "psnr": -10 * math.log10(max(error, 1e-10)),
        "ssim": _mean_in(ssim_map(*padded), hole),
        "gms": _mean_in(gradient_similarity_map(filled, truth)[:, None], hole),
    }
    if features is not None:
        figures["vgg"] = feature_distance(filled, truth, hole, features)
    return figures


def feature_distance(a: Tensor, b: Tensor, hole: Tensor, features: FeatureNetwork) -> float:
    """The VGG distance of `hole_figures`."""
    return directions_distance(directions(a, features), directions(b, features), hole)


def directions(x: Tensor, features: FeatureNetwork) -> list[Tensor]:
    """VGG's maps of `x` as that distance compares them: (1, C, h, w) each, vectors of length 1 or 0."""
    maps = features(x)
    return [F.normalize(F.relu(maps[name]), dim=1, eps=1e-6) for name in VGG_LAYERS]


def directions_distance(a: list[Tensor], b: list[Tensor], hole: Tensor) -> float:
    """`feature_distance` of two pictures' `directions`: for a truth that is compared with many fills."""
    total = 0.0
    for unit_a, unit_b in zip(a, b, strict=True):
        distance = (unit_a - unit_b).square().sum(1, keepdim=True)
        total += _mean_in(distance, F.adaptive_avg_pool2d(hole, distance.shape[-2:]))
    return total


def _mean_in(values: Tensor, hole: Tensor) -> float:
    return float((values * hole).sum() / hole.sum())
