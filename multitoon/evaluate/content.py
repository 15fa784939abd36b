"""Content as a feature network sees it: the distance that content losses are made of, for measuring."""

from __future__ import annotations

import torch
from torch import Tensor

from multitoon.model.features import FeatureNetwork

LAYER = "conv4_4"
"""VGG19's, as in CartoonGAN and LWComicGAN (eq. 3)."""


@torch.no_grad()
def content_distance(toon: Tensor, photo: Tensor, network: FeatureNetwork) -> Tensor:
    """mean |F(toon) - F(photo)| / mean |F(photo)|, (B,), of the maps of `LAYER`; 0 for the photo itself.

    Pictures (B, 3, H, W) in [-1, 1]. Divided by the photo's own, it is the same for all scales of weights.
    """
    a, b = (network(x)[LAYER] for x in (toon, photo))
    tiny = torch.finfo(b.dtype).tiny
    return ((a - b).abs().mean((1, 2, 3)) / b.abs().mean((1, 2, 3)).clamp_min(tiny)).double()
