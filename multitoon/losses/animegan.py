"""AnimeGANv2's least squares with four kinds of pictures (Chen, Liu 2020; Doan's description)."""

from __future__ import annotations

from torch import Tensor

SMOOTHED = 0.1
"""Share of the gray pictures with smoothed edges."""


def animegan_discriminator(style: Tensor, toon: Tensor, gray: Tensor, smoothed: Tensor) -> Tensor:
    """E[(D(a) - 1)^2] + E[D(G(p))^2] + E[D(x)^2] + 0.1 E[D(y)^2], for score maps of any shape.

    a: pictures of the style; x: their gray versions, which keeps the toons colored; y: gray and with their
    edges smoothed, which keeps lines sharp. The generator's term is `lsgan_generator`.
    """
    return (
        (style - 1).square().mean()
        + toon.square().mean()
        + gray.square().mean()
        + SMOOTHED * smoothed.square().mean()
    )
