"""Residual adapters: what one style adds to the shared backbone (Rebuffi, Bilen, Vedaldi 2017 and 2018).

On every convolution W a style i has a low-rank 1x1 branch A_i = U_i D_i and its own normalization:

    parallel (2018):  y_i = norm_i(W * x + A_i x)
    series   (2017):  y_i = norm_i(W * x + A_i (W * x))

Both are linear before the norm, so they merge into W exactly (`merge.py`): the parallel branch into the
center tap, whatever the padding, stride or groups; the series branch by a product.

A mix with weights w_i is linear in the weights. Where the norm is affine at inference (`pbn` or none):

    y = (1 - sum w_i) y_0 + sum w_i y_i

and where it takes statistics from the picture, convolution, scale and shift are mixed, each linearly. So are
the two numbers of a style that are no convolution's: the share of its shades (`shades.py`), and how far the
photo fades before the network's output is added to it.
A weight is a number, or a map: one number per picture gives a batch with a style per picture, a soft
mask gives a style per region. The costly convolution W * x is done once for all of them.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from multitoon.errors import UsageError
from multitoon.model.norms import Affine, ParameterizedBatchNorm

if TYPE_CHECKING:
    from multitoon.model.backbone import Backbone
    from multitoon.model.blocks import ConvUnit

MAX_STRENGTH = 1.5
"""The strongest that a style may be asked for; beyond 1 its picture is exaggerated (`strength.py`)."""
MAX_PAPER = 0.2
"""The roughest paper: 25 of 255 levels, root mean square."""
Weight = float | Tensor
"""A style's share: a number, (B, 1, 1, 1) for a number per picture, or (B, 1, H, W) for a soft mask."""


@dataclasses.dataclass(frozen=True)
class AdapterConfig:
    """What is written to `adapter_config.json`, beside the hash of the backbone."""

    style: str
    """The name that a user types."""
    rank: int = 8
    """Rank of the 1x1 branch: the most that 3 % of the default backbone's parameters allow."""
    form: Literal["parallel", "series"] = "parallel"
    """Where the branch reads: the convolution's input (Rebuffi 2018) or its output (Rebuffi 2017)."""
    shades: float = 0.0
    """How far its luminance is drawn to a few flat shades, 0 to 1 (`shades.py`)."""
    fade: float = 0.0
    """How much of the photo's chroma its toons leave behind, 0 to 1, where the network adds to the photo. A
    style of few colors takes them from the photo's finest edges only so: else they keep colored fringes."""
    paper: float = 0.0
    """The grain of the paper that `stylize` lays its toons on, 0 to 0.2 (`multitoon/paper.py`)."""

    def __post_init__(self) -> None:
        if self.rank < 1:
            raise UsageError(f"rank is {self.rank}, must be at least 1.")
        if not 0 <= self.shades <= 1:
            raise UsageError(f"shades is {self.shades}, must be 0 to 1.")
        if not 0 <= self.fade <= 1:
            raise UsageError(f"fade is {self.fade}, must be 0 to 1.")
        if not 0 <= self.paper <= MAX_PAPER:
            raise UsageError(f"paper is {self.paper}, must be 0 to {MAX_PAPER}.")

    def check_for(self, backbone: Backbone) -> None:
        """Raise a UsageError if an adapter of this kind cannot be had on `backbone`."""
        if self.fade and not backbone.config.add_photo:
            raise UsageError(
                f"fade is {self.fade}, but this backbone adds nothing to the photo.",
                "Leave fade out, or take a backbone with add_photo.",
            )


class UnitAdapter(nn.Module):
    """What one style adds to one `ConvUnit`. New, it changes nothing: U is zero, the norm a copy."""

    def __init__(self, unit: ConvUnit, config: AdapterConfig) -> None:
        super().__init__()
        conv = unit.conv
        # A transposed convolution has no center tap that meets its input one to one.
        self.series = config.form == "series" or unit.transposed
        self.stride = 1 if self.series else conv.stride[0]
        self.groups = conv.groups
        out_channels = conv.out_channels
        in_channels = out_channels if self.series else conv.in_channels
        if self.groups > 1:
            # Across groups a branch would not merge; per channel a rank is pointless, so A is kept whole.
            self.direct = nn.Parameter(torch.zeros(out_channels, in_channels // self.groups, 1, 1))
        else:
            rank = min(config.rank, in_channels, out_channels)
            self.down = nn.Parameter(torch.randn(rank, in_channels, 1, 1) / in_channels**0.5)
            self.up = nn.Parameter(torch.zeros(out_channels, rank, 1, 1))
        if unit.norm is None:
            self.norm = None
            self.bias = nn.Parameter(torch.zeros(out_channels))
        elif isinstance(unit.norm, ParameterizedBatchNorm):
            self.norm = copy.deepcopy(unit.norm)
        else:  # statistics, and a gate between them, are the backbone's; scale and shift the style's
            self.norm = Affine(out_channels)
            self.norm.load_state_dict({"scale": unit.norm.scale, "shift": unit.norm.shift})

    def branch(self, x: Tensor, conv_x: Tensor) -> Tensor:
        """A x for the parallel form, A (W * x) for the series form, (B, C_out, H', W')."""
        source = conv_x if self.series else x[:, :, :: self.stride, :: self.stride]
        if self.groups > 1:
            y = F.conv2d(source, self.direct, groups=self.groups)
        else:
            y = F.conv2d(F.conv2d(source, self.down), self.up)
        return y if self.norm is not None else y + self.bias.view(1, -1, 1, 1)

    def matrix(self) -> Tensor:
        """A as (C_out, C_in / groups), in float64, for merging."""
        if self.groups > 1:
            return self.direct.double()[:, :, 0, 0]
        return self.up.double()[:, :, 0, 0] @ self.down.double()[:, :, 0, 0]


class Adapter(nn.Module):
    """One style: a `UnitAdapter` per convolution of `backbone`, keyed by the convolution's path."""

    def __init__(self, backbone: Backbone, config: AdapterConfig) -> None:
        super().__init__()
        config.check_for(backbone)
        self.config = config
        self.units = nn.ModuleDict(
            {_key(name): UnitAdapter(unit, config) for name, unit in backbone.units().items()}
        )

    def __getitem__(self, unit_name: str) -> UnitAdapter:
        return self.units[_key(unit_name)]

    def parameter_count(self) -> int:
        """Learnt numbers; the fixed statistics of `pbn` are not among them."""
        return sum(p.numel() for p in self.parameters())


class StyleMix:
    """Adapters and their weights, resized to whatever map they meet. Made by `StyledBackbone`."""

    def __init__(self, parts: list[tuple[Adapter, Weight]]) -> None:
        self.parts = parts

    @property
    def single(self) -> Adapter | None:
        """The adapter, if there is just one and its weight is the number 1."""
        if len(self.parts) == 1 and isinstance(self.parts[0][1], int | float) and self.parts[0][1] == 1:
            return self.parts[0][0]
        return None

    def shades(self, size: torch.Size) -> Weight:
        """How far the picture goes to its shades: a number, or a map at the resolution `size` (H, W)."""
        return mixed_number("shades", self._at(size))

    def fade(self, size: torch.Size) -> Weight:
        """How far the photo fades: a number, or a map at the resolution `size` (H, W)."""
        return mixed_number("fade", self._at(size))

    def at(self, unit_name: str, size: torch.Size) -> list[tuple[UnitAdapter, Weight]]:
        """Each style's part on one unit, with its weight at the resolution `size` (H, W)."""
        return [(adapter[unit_name], weight) for adapter, weight in self._at(size)]

    def _at(self, size: torch.Size) -> list[tuple[Adapter, Weight]]:
        return [(adapter, _resize(weight, size)) for adapter, weight in self.parts]


def mixed_number(
    number: Literal["shades", "fade", "paper"], parts: Iterable[tuple[Adapter, Weight]]
) -> Weight:
    """That number of the styles' configs under a mix, sum w_i a_i: 0 where no style has any."""
    shares = ((getattr(adapter.config, number), weight) for adapter, weight in parts)
    return sum(share * weight for share, weight in shares if share)


def adapted(unit: ConvUnit, x: Tensor, mix: StyleMix) -> Tensor:
    """Convolution and norm of `unit` under `mix`, before the activation; see the equations above."""
    conv_x = unit.conv(x)
    if unit.norm is not None and unit.norm.per_picture:
        return _mix_parameters(unit, x, conv_x, mix.at(unit.name, conv_x.shape[-2:]))
    if mix.single is not None:  # the case of training, in which `pbn` takes the statistics of the batch
        own = mix.single[unit.name]
        y = conv_x + own.branch(x, conv_x)
        return y if own.norm is None else own.norm(y)
    return _mix_outputs(unit, x, conv_x, mix.at(unit.name, conv_x.shape[-2:]))


def _mix_outputs(
    unit: ConvUnit, x: Tensor, conv_x: Tensor, parts: list[tuple[UnitAdapter, Weight]]
) -> Tensor:
    base = conv_x if unit.norm is None else _affine(unit.norm, conv_x)
    y = base
    for own, weight in parts:
        styled = conv_x + own.branch(x, conv_x)
        y = y + weight * ((styled if own.norm is None else _affine(own.norm, styled)) - base)
    return y


def _mix_parameters(
    unit: ConvUnit, x: Tensor, conv_x: Tensor, parts: list[tuple[UnitAdapter, Weight]]
) -> Tensor:
    y = conv_x
    scale, shift = (v.view(1, -1, 1, 1) for v in unit.norm.affine())
    base_scale, base_shift = scale, shift
    for own, weight in parts:
        own_scale, own_shift = (v.view(1, -1, 1, 1) for v in own.norm.affine())
        y = y + weight * own.branch(x, conv_x)
        scale = scale + weight * (own_scale - base_scale)
        shift = shift + weight * (own_shift - base_shift)
    return unit.norm.normalize(y) * scale + shift


def _affine(norm: nn.Module, x: Tensor) -> Tensor:
    scale, shift = norm.affine()
    return x * scale.view(1, -1, 1, 1) + shift.view(1, -1, 1, 1)


def _resize(weight: Weight, size: torch.Size) -> Weight:
    if not isinstance(weight, Tensor) or weight.shape[-2:] in ((1, 1), tuple(size)):
        return weight
    return (
        F.adaptive_avg_pool2d(weight, tuple(size))
        if weight.shape[-1] >= size[-1]
        else F.interpolate(weight, size=tuple(size), mode="nearest")
    )


def _key(unit_name: str) -> str:
    # nn.ModuleDict refuses dots in its keys.
    return unit_name.replace(".", "-")
