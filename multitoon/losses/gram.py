"""The gray style loss: textures and brush strokes, whatever the colors (LWComicGAN, eqs. 1 and 4)."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from multitoon.color import luma


def gray(x: Tensor) -> Tensor:
    """The luminance of `x` (B, 3, H, W) in all three channels."""
    return luma(x).expand(-1, 3, -1, -1)


def gram(features: Tensor) -> Tensor:
    """F F^T / (H W) of each picture's map (B, C, H, W), as (B, C, C): which features occur together (eq. 1).

    Divided by the area alone, so that for maps of mean absolute value 1 its entries are about 1 as well.
    """
    flat = features.flatten(2)
    return flat @ flat.transpose(1, 2) / flat.shape[-1]


def gram_loss(toon: Mapping[str, Tensor], style: Mapping[str, Tensor]) -> Tensor:
    """Mean over the layers of mean |G(toon) - G(style)| (eq. 4).

    Args:
        toon: maps (B, C, H, W) of the toons' `gray` versions, by layer.
        style: Gram matrices (B, C, C), not maps, of the style pictures' `gray` versions, by the same layers:
            they don't change and are kept.
    """
    return sum((gram(toon[name]) - style[name]).abs().mean() for name in style) / len(style)
