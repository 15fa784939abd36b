"""Distillation: the student's picture against the teacher's (LC-GAN's teacher forcing)."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from multitoon.color import luma, rgb_to_yuv
from multitoon.losses.tv import total_variation

HUBER_DELTA = 0.05
"""In YUV units of a picture in [-1, 1]: below it, errors of chroma count by their square."""


def distillation(toon: Tensor, target: Tensor) -> Tensor:
    """mean |Y - Y*| + huber(U - U*) + huber(V - V*), for pictures (B, 3, H, W) in [-1, 1].

    LWComicGAN's eq. 5 in form, but with the teacher's picture where that has the photo. L1 on luminance
    keeps lines thin; the Huber term forgives small differences of hue.
    """
    y, target_y = rgb_to_yuv(toon), rgb_to_yuv(target)
    luminance = (y[:, :1] - target_y[:, :1]).abs().mean()
    chroma = F.huber_loss(y[:, 1:], target_y[:, 1:], delta=HUBER_DELTA, reduction="mean") / HUBER_DELTA
    return luminance + 2 * chroma  # two chroma channels, each with weight one


def line_distillation(toon: Tensor, target: Tensor) -> Tensor:
    """L1 between luminance gradients at full and half size: sees where a line is, not how dark the area is.

    Sum over the two sizes of mean |dY/dx - dY*/dx| + mean |dY/dy - dY*/dy|.
    """
    difference = luma(toon - target)
    return total_variation(difference) + total_variation(F.avg_pool2d(difference, 2))
