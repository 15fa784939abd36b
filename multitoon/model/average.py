"""Two or more adapters as one: a mix that is to be a style of its own.

A mix of styles is linear before the activations (`adapter.py`). With weights w_i that sum to 1, s_i, t_i the
affine of style i's norm and A_i its branch,

    sum w_i (s_i (W + A_i) x + t_i) = s (W + A) x + t,
    s = sum w_i s_i,   t = sum w_i t_i,   A = sum w_i (s_i / s) A_i,

so a mean of adapters is an adapter. Its branch has the sum of their ranks, and is cut down to theirs by
dropping its smallest singular values: little is lost where one was trained on from the other.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping

import torch
from torch import Tensor

from multitoon.errors import UsageError
from multitoon.model.adapter import Adapter, UnitAdapter, mixed_number
from multitoon.model.norms import ParameterizedBatchNorm


@torch.no_grad()
def average(parts: Mapping[Adapter, float]) -> Adapter:
    """The mean of adapters of one backbone, form and rank, with norms that fold (`pbn`) or none.

    It has the first one's name; its shades, its fade and its paper are the means.

    Raises:
        UsageError: weights that do not sum to 1, or adapters of different make.
    """
    first = next(iter(parts))
    if abs(sum(parts.values()) - 1) > 1e-6:
        raise UsageError(f"The weights sum to {sum(parts.values()):g}, must sum to 1.")
    if len({(adapter.config.rank, adapter.config.form) for adapter in parts}) > 1:
        raise UsageError("The adapters differ in rank or form.")
    mean = copy.deepcopy(first)
    numbers = {number: mixed_number(number, parts.items()) for number in ("shades", "fade", "paper")}
    mean.config = dataclasses.replace(first.config, **numbers)
    for name in mean.units:
        _average_unit(mean.units[name], [(adapter.units[name], weight) for adapter, weight in parts.items()])
    return mean


def _average_unit(mean: UnitAdapter, parts: list[tuple[UnitAdapter, float]]) -> None:
    if mean.norm is None:
        mean.bias.copy_(sum(weight * unit.bias for unit, weight in parts))
        matrix = sum(weight * unit.matrix() for unit, weight in parts)
    elif isinstance(mean.norm, ParameterizedBatchNorm):
        affines = [tuple(v.double() * weight for v in unit.norm.affine()) for unit, weight in parts]
        scale, shift = (torch.stack(each).sum(0) for each in zip(*affines, strict=True))
        _set_affine(mean.norm, scale, shift)
        shares = [(own / scale).view(-1, 1) for own, _ in affines]
        matrix = sum(share * unit.matrix() for share, (unit, _) in zip(shares, parts, strict=True))
    else:
        raise UsageError("Norms with statistics of the picture do not average.")
    if mean.groups > 1:
        mean.direct.copy_(matrix[:, :, None, None])
        return
    rank = len(mean.down)
    u, s, v = torch.linalg.svd(matrix, full_matrices=False)
    root = s[:rank].sqrt()
    mean.up.copy_((u[:, :rank] * root)[:, :, None, None])
    mean.down.copy_((root[:, None] * v[:rank])[:, :, None, None])


def _set_affine(norm: ParameterizedBatchNorm, scale: Tensor, shift: Tensor) -> None:
    """Make `norm.affine()` give `scale` and `shift`, its statistics unchanged."""
    norm.scale.copy_(scale * (norm.var.double() + norm.eps).sqrt())
    norm.shift.copy_(shift + norm.mean.double() * scale)
