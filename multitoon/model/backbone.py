"""The encoder – residual – decoder network that all styles share, built from a list of blocks.

    photo ─ encoder ─▶ residual ─▶ latents ─ decoder ─▶ output ─▶ toon

A preset (`configs/backbone/*.yaml`) is one `BackboneConfig`; the four published systems differ in nothing
but their lists.
"""

from __future__ import annotations

import dataclasses
from typing import Literal, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from multitoon.color import faded
from multitoon.errors import ConfigError
from multitoon.model.adapter import StyleMix
from multitoon.model.blocks import (
    ConvUnit,
    DSConv,
    InvertedResidual,
    Residual,
    SkipUpConv,
    UnitOptions,
    Unshuffle,
    UpConv,
)
from multitoon.model.shades import draw_shades


@dataclasses.dataclass(frozen=True)
class BlockSpec:
    """One line of a preset: a block, its width, and where it departs from the network's defaults."""

    block: Literal[
        "conv",
        "dsconv",
        "irb",
        "residual",
        "down",
        "ds_down",
        "up",
        "ds_up",
        "skip_up",
        "deconv",
        "unshuffle",
    ]
    """The kind. `down`, `ds_down`, `unshuffle` halve the size; `up`, `ds_up`, `skip_up`, `deconv` double."""
    out: int
    """Channels after the block."""
    repeat: int = 1
    """How many times in a row."""
    kernel: int = 3
    """Side of the kernel in pixels, odd."""
    expand: int = 2
    """How much an `irb` widens."""
    padding: Literal["zeros", "reflect", "replicate"] | None = None
    """Where it differs from the network's."""
    bare: bool = False
    """Without norm and activation (CartoonGAN's strided and transposed convolutions)."""


@dataclasses.dataclass(frozen=True)
class BackboneConfig:
    """A network of any of the four systems."""

    name: str
    """What the preset is called."""
    encoder: tuple[BlockSpec, ...]
    """From the photo to the smallest map."""
    residual: tuple[BlockSpec, ...]
    """At the smallest map; the output of the last one is the latent map."""
    decoder: tuple[BlockSpec, ...]
    """Back to the size of the first encoder map."""
    norm: str = "pbn"
    """A name of `norms.NORMS`, or `none`."""
    act: str = "leaky_relu"
    """A name of `blocks.ACTIVATIONS`."""
    padding: Literal["zeros", "reflect", "replicate"] = "zeros"
    """Inside the network; the picture itself is reflected once around its border (`tiles.py`)."""
    bias: bool = False
    """A bias on convolutions that a norm follows."""
    norm_eps: float = 1e-5
    """Added to the variance in a norm."""
    output_kernel: int = 3
    """Side of the last convolution's kernel in pixels."""
    output_shuffle: int = 1
    """The last convolution's channels become squares of this side (`pixel_shuffle`); undoes `unshuffle`."""
    output_act: Literal["tanh", "none"] = "tanh"
    """After the last convolution."""
    add_photo: bool = False
    """The network draws the difference from the photo: what no style touches passes through."""

    @property
    def unit(self) -> UnitOptions:
        return UnitOptions(self.norm, self.act, self.padding, self.bias, self.norm_eps)

    def plain(self) -> BackboneConfig:
        """The config of the merged network: `pbn` has gone into the convolutions' weights and biases."""
        return dataclasses.replace(self, norm="none") if self.norm == "pbn" else self


class Latents(NamedTuple):
    """What the decoder needs: enough to rebuild the picture, and where inpainting searches."""

    z: Tensor
    """(B, C, H / multiple, W / multiple), the last residual block's output."""
    skips: tuple[Tensor, ...]
    """Encoder maps that a `skip_up` adds, largest first; empty for networks without one."""
    photo: Tensor
    """(B, 3, H, W), added to the output where the config says so."""


class Backbone(nn.Module):
    """Photo (B, 3, H, W) in [-1, 1] to a picture of the same size and range.

    H and W must be multiples of `multiple` (`tiles.py` pads any size).

    >>> from multitoon.config import load_config
    >>> net = Backbone(load_config(BackboneConfig, "configs/backbone/multitoon.yaml")).eval()
    >>> net(torch.zeros(1, 3, 64, 96)).shape
    torch.Size([1, 3, 64, 96])
    """

    def __init__(self, config: BackboneConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder, channels = self._stage(config.encoder, 3)
        self.residual, channels = self._stage(config.residual, channels)
        self.decoder, channels = self._stage(config.decoder, channels)
        self._skip_count = sum(isinstance(block, SkipUpConv) for block in self.decoder)
        shuffle = config.output_shuffle
        last = UnitOptions("none", config.output_act, config.padding)
        self.output = ConvUnit(channels, 3 * shuffle**2, config.output_kernel, last)
        if config.add_photo:
            nn.init.zeros_(self.output.conv.weight)
            nn.init.zeros_(self.output.conv.bias)
        for name, unit in self.units().items():
            unit.name = name
        # Of a merged style; none is merged into a backbone that is saved.
        self.register_buffer("shades", torch.zeros(()), persistent=False)
        self.fade = 0.0  # a plain number: networks that are exported without it shall not pay for it
        self.multiple, self.halo = _geometry(config)

    def units(self) -> dict[str, ConvUnit]:
        """All convolutions by their dotted path, in the order of the forward pass."""
        return {name: m for name, m in self.named_modules() if isinstance(m, ConvUnit)}

    @property
    def tileable(self) -> bool:
        """No statistics of the whole picture: tiles show no seam, frames of a video do not flicker."""
        return not any(unit.norm is not None and unit.norm.per_picture for unit in self.units().values())

    def encode(self, x: Tensor, mix: StyleMix | None = None) -> Latents:
        """The latents of photos `x` (B, 3, H, W) in [-1, 1]."""
        photo, skips = x, []
        for block, spec in zip(self.encoder, _expand(self.config.encoder), strict=True):
            if spec.block in ("down", "ds_down"):
                skips.append(x)
            x = block(x, mix)
        for block in self.residual:
            x = block(x, mix)
        return Latents(x, tuple(skips[len(skips) - self._skip_count :]), photo)

    def decode(self, latents: Latents, mix: StyleMix | None = None) -> Tensor:
        """The picture (B, 3, H, W) of `latents`; not clamped where the output has no tanh."""
        x, skips = latents.z, list(latents.skips)
        for block in self.decoder:
            x = block(x, skips.pop(), mix) if isinstance(block, SkipUpConv) else block(x, mix)
        x = self.output(x, mix)
        if self.config.output_shuffle > 1:
            x = F.pixel_shuffle(x, self.config.output_shuffle)
        size = x.shape[-2:]
        if self.config.add_photo:
            x = x + faded(latents.photo, self.fade if mix is None else mix.fade(size))
        return draw_shades(x, self.shades if mix is None else mix.shades(size))

    def forward(self, x: Tensor, mix: StyleMix | None = None) -> Tensor:
        return self.decode(self.encode(x, mix), mix)

    def parameter_count(self) -> int:
        """Learnt numbers; the fixed statistics of `pbn` are not among them."""
        return sum(p.numel() for p in self.parameters())

    def _stage(self, specs: tuple[BlockSpec, ...], channels: int) -> tuple[nn.ModuleList, int]:
        blocks = nn.ModuleList()
        for spec in _expand(specs):
            unit = self.config.unit
            if spec.padding is not None:
                unit = dataclasses.replace(unit, padding=spec.padding)
            if spec.bare:
                unit = dataclasses.replace(unit, norm="none", act="none")
            blocks.append(_build_block(spec, channels, unit))
            channels = channels * 4 if spec.block == "unshuffle" else spec.out
        return blocks, channels


def _expand(specs: tuple[BlockSpec, ...]) -> list[BlockSpec]:
    return [spec for spec in specs for _ in range(spec.repeat)]


def _build_block(spec: BlockSpec, channels: int, unit: UnitOptions) -> nn.Module:
    if spec.block == "residual" and channels != spec.out:
        raise ConfigError(f"residual: {channels} channels come in, out is {spec.out}; they must be equal.")
    match spec.block:
        case "conv":
            return ConvUnit(channels, spec.out, spec.kernel, unit)
        case "dsconv":
            return DSConv(channels, spec.out, spec.kernel, unit)
        case "irb":
            return InvertedResidual(channels, spec.out, spec.kernel, unit, expand=spec.expand)
        case "residual":
            return Residual(channels, spec.kernel, unit)
        case "down":
            return ConvUnit(channels, spec.out, spec.kernel, unit, stride=2)
        case "ds_down":
            return DSConv(channels, spec.out, spec.kernel, unit, stride=2)
        case "up" | "ds_up":
            return UpConv(channels, spec.out, spec.kernel, unit, separable=spec.block == "ds_up")
        case "skip_up":
            return SkipUpConv(channels, spec.out, spec.kernel, unit)
        case "deconv":
            return ConvUnit(channels, spec.out, spec.kernel, unit, transposed=True)
        case "unshuffle":
            return Unshuffle()


def _geometry(config: BackboneConfig) -> tuple[int, int]:
    """The multiple that H and W must have, and the radius in pixels beyond which no pixel has a say."""
    scale, multiple, radius = 1, 1, 0
    convolutions = {"residual": 2, "unshuffle": 0}
    for spec in _expand((*config.encoder, *config.residual, *config.decoder)):
        if spec.block in ("up", "ds_up", "skip_up", "deconv"):
            radius += scale  # a large pixel reaches its far corner
            scale //= 2
        radius += convolutions.get(spec.block, 1) * (spec.kernel // 2) * scale
        if spec.block in ("down", "ds_down", "unshuffle"):
            radius += scale
            scale *= 2
        multiple = max(multiple, scale)
    radius += (config.output_kernel // 2 + 1) * config.output_shuffle
    return multiple, radius
