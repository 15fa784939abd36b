"""One critic for all styles: shared convolutions with spectral norm, a small residual adapter per style."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from multitoon.model.adapter import Adapter, StyleMix
from multitoon.model.blocks import ConvUnit, UnitOptions

SCORE_GAIN = 4.0
"""Spectral norm bounds how fast the score may change; without a gain it cannot reach both 0 and 1."""


class PatchDiscriminator(nn.Module):
    """Scores each patch of 31 pixels of `toon`: is it a true toon of `photo`, or a picture of the style.

    `widths` are the channels of the strided 3x3 layers. Nothing but spectral norm (Miyato et al. 2018)
    normalizes, so that a picture's score does not depend on its batch. With `paired=False` it never
    sees the photo, and learns from pictures of the style that are toons of no photo.
    """

    def __init__(self, widths: tuple[int, ...] = (32, 64, 128), *, paired: bool = True) -> None:
        super().__init__()
        body = UnitOptions("none", "leaky_relu")
        self.paired = paired
        channels = (6 if paired else 3, *widths)
        self.layers = nn.ModuleList(
            ConvUnit(channels[i], channels[i + 1], 3, body, stride=2) for i in range(len(widths))
        )
        self.score = ConvUnit(widths[-1], 1, 3, body.linear)
        for name, unit in self.units().items():
            unit.name = name
            spectral_norm(unit.conv)

    def units(self) -> dict[str, ConvUnit]:
        """All convolutions by their dotted path, as in `Backbone`: an `Adapter` fits on them."""
        return {name: m for name, m in self.named_modules() if isinstance(m, ConvUnit)}

    def forward(
        self, toon: Tensor, photo: Tensor | None = None, adapter: Adapter | None = None
    ) -> tuple[list[Tensor], Tensor]:
        """Maps of the layers and the score map (B, 1, H/8, W/8) of pictures (B, 3, H, W) in [-1, 1].

        `photo` is the toon's where the discriminator is `paired`, and None where it is not.
        """
        mix = None if adapter is None else StyleMix([(adapter, 1.0)])
        x, maps = torch.cat([toon, photo], 1) if self.paired else toon, []
        for layer in self.layers:
            x = layer(x, mix)
            maps.append(x)
        return maps, SCORE_GAIN * self.score(x, mix)
