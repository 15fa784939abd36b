"""The blocks of the four systems. Each is made of `ConvUnit`s, and an adapter sits on every unit.

All take and return B C H W maps, and pass `mix`, the styles to apply (None: the backbone alone), on to
their units.
"""

from __future__ import annotations

import dataclasses

import torch.nn.functional as F
from torch import Tensor, nn

from multitoon.errors import UnknownNameError
from multitoon.model.adapter import StyleMix, adapted
from multitoon.model.norms import build_norm

ACTIVATIONS = {
    "relu": F.relu,
    "leaky_relu": lambda x: F.leaky_relu(x, 0.2),
    "tanh": lambda x: x.tanh(),
    "none": lambda x: x,
}


@dataclasses.dataclass(frozen=True)
class UnitOptions:
    """What all units of a network share unless a block says otherwise."""

    norm: str = "pbn"
    """A name of `norms.NORMS`, or `none`."""
    act: str = "leaky_relu"
    """A name of `ACTIVATIONS`; it follows the norm."""
    padding: str = "zeros"
    """`zeros`, `reflect` or `replicate`, as torch's `padding_mode`."""
    bias: bool = False
    """A bias on convolutions that have a norm; those without one always have it."""
    norm_eps: float = 1e-5
    """Added to the variance."""

    @property
    def linear(self) -> UnitOptions:
        """The same without activation: the last unit of a residual branch."""
        return dataclasses.replace(self, act="none")


class ConvUnit(nn.Module):
    """Convolution, norm, activation: the atom of every block, and the place where a style enters.

    `transposed` doubles the size (CartoonGAN's way up). Odd kernels only, padded to keep the size.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel: int = 3,
        options: UnitOptions = UnitOptions(),
        *,
        stride: int = 1,
        groups: int = 1,
        transposed: bool = False,
    ) -> None:
        super().__init__()
        if options.act not in ACTIVATIONS:
            raise UnknownNameError("activation", options.act, ACTIVATIONS)
        self.name = ""
        """Dotted path inside the backbone; the key of this unit in an adapter."""
        bias = options.bias or options.norm == "none"
        if transposed:
            self.conv = nn.ConvTranspose2d(
                in_channels, out_channels, kernel, 2, kernel // 2, output_padding=1, bias=bias
            )
        else:
            self.conv = nn.Conv2d(
                in_channels,
                out_channels,
                kernel,
                stride,
                kernel // 2,
                groups=groups,
                bias=bias,
                padding_mode=options.padding if kernel > 1 else "zeros",
            )
        self.norm = build_norm(options.norm, out_channels, options.norm_eps)
        self.act = ACTIVATIONS[options.act]

    @property
    def transposed(self) -> bool:
        return isinstance(self.conv, nn.ConvTranspose2d)

    def forward(self, x: Tensor, mix: StyleMix | None = None) -> Tensor:
        if mix is not None:
            return self.act(adapted(self, x, mix))
        x = self.conv(x)
        return self.act(x if self.norm is None else self.norm(x))


class DSConv(nn.Module):
    """Depthwise separable convolution: one filter per channel, then 1x1 across channels (LC-GAN)."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel: int, options: UnitOptions, *, stride: int = 1
    ) -> None:
        super().__init__()
        self.depthwise = ConvUnit(
            in_channels, in_channels, kernel, options, stride=stride, groups=in_channels
        )
        self.pointwise = ConvUnit(in_channels, out_channels, 1, options)

    def forward(self, x: Tensor, mix: StyleMix | None = None) -> Tensor:
        return self.pointwise(self.depthwise(x, mix), mix)


class InvertedResidual(nn.Module):
    """IRB: widen by `expand` with 1x1, filter per channel, narrow without activation (AnimeGANv2).

    The input is added where the channels allow it.
    """

    def __init__(
        self, in_channels: int, out_channels: int, kernel: int, options: UnitOptions, *, expand: int
    ) -> None:
        super().__init__()
        wide = in_channels * expand
        self.widen = ConvUnit(in_channels, wide, 1, options)
        self.depthwise = ConvUnit(wide, wide, kernel, options, groups=wide)
        self.narrow = ConvUnit(wide, out_channels, 1, options.linear)
        self.skip = in_channels == out_channels

    def forward(self, x: Tensor, mix: StyleMix | None = None) -> Tensor:
        y = self.narrow(self.depthwise(self.widen(x, mix), mix), mix)
        return x + y if self.skip else y


class Residual(nn.Module):
    """Two convolutions, the second without activation, plus the input (CartoonGAN, LWComicGAN)."""

    def __init__(self, channels: int, kernel: int, options: UnitOptions) -> None:
        super().__init__()
        self.first = ConvUnit(channels, channels, kernel, options)
        self.second = ConvUnit(channels, channels, kernel, options.linear)

    def forward(self, x: Tensor, mix: StyleMix | None = None) -> Tensor:
        return x + self.second(self.first(x, mix), mix)


class UpConv(nn.Module):
    """Nearest-neighbor resize by two, then a convolution (AnimeGANv2's Up-Conv; separable on request).

    Nearest is the one resize on which all runtimes agree to the bit.
    """

    def __init__(
        self, in_channels: int, out_channels: int, kernel: int, options: UnitOptions, *, separable: bool
    ) -> None:
        super().__init__()
        conv = DSConv if separable else ConvUnit
        self.conv = conv(in_channels, out_channels, kernel, options)

    def forward(self, x: Tensor, mix: StyleMix | None = None) -> Tensor:
        return self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"), mix)


class SkipUpConv(nn.Module):
    """The way up of the default backbone: 1x1 at the small size, resize by two, add the encoder's map, 3x3.

    Narrowing before the resize does the channel mixing at a quarter of the cost.
    """

    def __init__(self, in_channels: int, out_channels: int, kernel: int, options: UnitOptions) -> None:
        super().__init__()
        self.narrow = ConvUnit(in_channels, out_channels, 1, options.linear)
        self.fuse = ConvUnit(out_channels, out_channels, kernel, options)

    def forward(self, x: Tensor, skip: Tensor, mix: StyleMix | None = None) -> Tensor:
        x = F.interpolate(self.narrow(x, mix), scale_factor=2.0, mode="nearest")
        return self.fuse(x + skip, mix)


class Unshuffle(nn.Module):
    """Squares of 2x2 pixels become channels (C to 4 C): the full size costs nothing after this."""

    def forward(self, x: Tensor, mix: StyleMix | None = None) -> Tensor:
        return F.pixel_unshuffle(x, 2)
