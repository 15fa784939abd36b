"""The color loss of LWComicGAN: the toon keeps the photo's colors."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from multitoon.color import rgb_to_yuv


def color_loss(toon: Tensor, photo: Tensor) -> Tensor:
    """L1 on Y plus Huber (delta 1) on U and V, each a mean over pixels (Yang et al., eq. 5).

    For pictures (B, 3, H, W) in [-1, 1].
    """
    y, photo_y = rgb_to_yuv(toon), rgb_to_yuv(photo)
    luma = F.l1_loss(y[:, :1], photo_y[:, :1])
    return luma + sum(F.huber_loss(y[:, c], photo_y[:, c]) for c in (1, 2))
