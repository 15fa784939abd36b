"""Folding adapters, mixes and `pbn` into one plain network: exact, borders included.

With s_i, t_i the affine of style i's norm and dW_i its branch (see `adapter.py`; dW_0 = 0, i = 0 is the
backbone), every convolution followed by `pbn` or no norm becomes

    W' = (1 - sum w_i) s_0 W + sum w_i s_i (W + dW_i),   and b' alike with t_i added,

and one followed by a norm with per-picture statistics keeps that norm:

    W' = W + sum w_i dW_i,   scale' = scale_0 + sum w_i (scale_i - scale_0),   shift' alike.

All sums are made in float64. Shades and fade are two more numbers: a' = sum w_i a_i (`adapter.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from multitoon.model.adapter import Adapter, UnitAdapter, mixed_number
from multitoon.model.backbone import Backbone
from multitoon.model.blocks import ConvUnit
from multitoon.model.norms import Affine


@torch.no_grad()
def merge(backbone: Backbone, parts: Mapping[Adapter, float] | None = None) -> Backbone:
    """A network without adapter code that draws what `backbone` draws under the adapters in `parts`.

    `parts` maps adapters to their strengths; without it, only `pbn` is folded away.
    """
    merged = Backbone(backbone.config.plain()).eval()
    merged.to(next(backbone.parameters()))
    parts = {adapter: float(weight) for adapter, weight in (parts or {}).items()}
    merged.shades.fill_(mixed_number("shades", parts.items()))
    merged.fade = mixed_number("fade", parts.items())
    targets = merged.units()
    for name, unit in backbone.units().items():
        own = [(adapter[name], weight) for adapter, weight in parts.items()]
        if targets[name].norm is None:
            weight, bias = _mixed_outputs(unit, own)
        else:
            weight, bias = _mixed_parameters(unit, own, targets[name].norm)
        targets[name].conv.weight.copy_(weight)
        if bias is not None:
            targets[name].conv.bias.copy_(bias)
    return merged


def _mixed_outputs(unit: ConvUnit, own: list[tuple[UnitAdapter, float]]) -> tuple[Tensor, Tensor]:
    weight, bias = _affine_kernel(unit, *_kernel(unit, None), unit.norm)
    total_weight, total_bias = weight.clone(), bias.clone()
    for adapter, share in own:
        style_weight, style_bias = _affine_kernel(unit, *_kernel(unit, adapter), adapter.norm)
        total_weight += share * (style_weight - weight)
        total_bias += share * (style_bias - bias)
    return total_weight, total_bias


def _mixed_parameters(
    unit: ConvUnit, own: list[tuple[UnitAdapter, float]], target: Affine
) -> tuple[Tensor, Tensor | None]:
    target.load_state_dict(unit.norm.state_dict())
    weight, bias = _kernel(unit, None)
    total_weight, total_bias = weight.clone(), bias.clone()
    scale, shift = (v.double() for v in unit.norm.affine())
    total_scale, total_shift = scale.clone(), shift.clone()
    for adapter, share in own:
        style_weight, style_bias = _kernel(unit, adapter)
        total_weight += share * (style_weight - weight)
        total_bias += share * (style_bias - bias)
        style_scale, style_shift = adapter.norm.affine()
        total_scale += share * (style_scale - scale)
        total_shift += share * (style_shift - shift)
    target.scale.copy_(total_scale)
    target.shift.copy_(total_shift)
    return total_weight, total_bias if unit.conv.bias is not None else None


def _kernel(unit: ConvUnit, adapter: UnitAdapter | None) -> tuple[Tensor, Tensor]:
    """The convolution's weight and bias with the style's branch in them, in float64, before the norm."""
    weight = unit.conv.weight.double()
    bias = torch.zeros(unit.conv.out_channels, dtype=torch.float64, device=weight.device)
    if unit.conv.bias is not None:
        bias = unit.conv.bias.double()
    if adapter is None:
        return weight, bias
    if adapter.series:
        weight, bias = _after(unit, adapter, weight, bias)
    else:
        weight = weight.clone()
        center = unit.conv.kernel_size[0] // 2
        weight[:, :, center, center] += adapter.matrix()
    return weight, bias if adapter.norm is not None else bias + adapter.bias.double()


def _after(unit: ConvUnit, adapter: UnitAdapter, weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
    """(I + A) times the convolution."""
    change = adapter.matrix()
    if unit.conv.groups > 1:
        factor = 1 + _grouped_diagonal(change)
        return weight * factor.view(-1, 1, 1, 1), bias * factor
    change = change + torch.eye(len(change), dtype=change.dtype, device=change.device)
    # A transposed convolution keeps its output channels in the second dimension.
    equation = "oc,ichw->iohw" if unit.transposed else "oc,cihw->oihw"
    return torch.einsum(equation, change, weight), change @ bias


def _grouped_diagonal(change: Tensor) -> Tensor:
    return change[:, 0]


def _affine_kernel(
    unit: ConvUnit, weight: Tensor, bias: Tensor, norm: Affine | None
) -> tuple[Tensor, Tensor]:
    if norm is None:
        return weight, bias
    scale, shift = (v.double() for v in norm.affine())
    shape = (1, -1, 1, 1) if unit.transposed else (-1, 1, 1, 1)
    return weight * scale.view(shape), bias * scale + shift
