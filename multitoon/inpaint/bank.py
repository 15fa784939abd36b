"""A bank of latents: cells of many photos, for photos that show too little to fill their own holes.

adapters/inpaint-bank/bank.json           where the photos came from, and the backbone's hash
adapters/inpaint-bank/bank.safetensors    latents (int8) and pixels (uint8) of each cell

Latents belong to one backbone; a bank made with another is refused.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from multitoon import checkpoint
from multitoon.errors import BackboneMismatchError, CheckpointError, UsageError
from multitoon.image import float_to_pixels, pixels_to_float, read_photo, to_tensor
from multitoon.inpaint.match import PATCH, Cells, cells_of, describe, patches
from multitoon.model.backbone import Backbone

FOLDER, NAME = "inpaint-bank", "bank"
SIZES = (64, 128, 256)
"""Shorter sides in pixels at which photos are cut up: holes are filled from coarse to fine."""
KEPT = 4
"""How many times more cells are looked at than kept: those with the most detail of each handful."""


@dataclasses.dataclass(frozen=True)
class Bank:
    """N cells of other photos."""

    latents: Tensor
    """(N, 9 C + C') int8: colors and latents as `match.describe` orders them, over `step`."""
    step: Tensor
    """(9 C + C',), what a step of int8 is worth in each column."""
    pixels: Tensor
    """(N, 3, 8, 8) uint8."""
    facts: dict[str, Any]
    """Where the photos came from; the backbone's hash."""

    def described(self, cells: Cells) -> Tensor:
        """The latents (N, 9 C + C') on the scale of another picture's `cells`."""
        near = len(cells.near)
        scale = torch.cat([cells.scale[:near].repeat(9), cells.scale[near:]])
        return self.latents.float() * (self.step * scale)

    def patches(self, rows: Tensor) -> Tensor:
        """The pixels (n, 3, 8, 8) in [-1, 1] of cells `rows` (n,)."""
        return pixels_to_float(self.pixels[rows])


def build_bank(backbone: Backbone, photos: Sequence[Path], count: int = 4000, seed: int = 0) -> Bank:
    """A bank of about `count` cells from `photos`, each giving as many.

    Raises:
        UsageError: no photos, or a count below 1.
        ImageReadError: a photo that cannot be read.
    """
    if not photos or count < 1:
        raise UsageError(f"A bank of {count} cells from {len(photos)} photos; both must be at least 1.")
    generator = torch.Generator().manual_seed(seed)
    share = -(-count // (len(photos) * len(SIZES)))
    rows, pixels = [], []
    for path in photos:
        photo = read_photo(path).rgb
        for side in SIZES:
            size_wh = [max(2, round(length * side / min(photo.size)) // 2 * 2) for length in photo.size]
            x = to_tensor(photo.resize(size_wh))
            index = _detailed(x, share, generator)
            ones = x.new_ones(1)
            rows.append(describe(cells_of(backbone, x, ones, scale=ones), index))
            pixels.append(patches(x, index))
    latents, pixels = torch.cat(rows)[:count], torch.cat(pixels)[:count]
    step = (latents.abs().amax(0) / 127).clamp_min(1e-8)
    facts = {"backbone_sha256": checkpoint.backbone_hash(backbone), "cells": len(latents)}
    facts |= {"photos": [path.name for path in photos], "sizes": list(SIZES), "seed": seed}
    return Bank((latents / step).round().to(torch.int8), step, float_to_pixels(pixels), facts)


def save_bank(bank: Bank, folder: str | Path, **facts: Any) -> None:
    """Write `bank.json` and `bank.safetensors`; `facts` (license, credits) go into the former."""
    tensors = {"latents": bank.latents, "step": bank.step, "pixels": bank.pixels}
    checkpoint.save_tensors(Path(folder) / NAME, tensors, {**bank.facts, **facts})


def load_bank(backbone: Backbone, folder: str | Path | None = None) -> Bank:
    """The bank in `folder` (default: the shipped one).

    Raises:
        BackboneMismatchError: made with another backbone.
        CheckpointError: a file is missing or damaged.
    """
    folder = checkpoint.adapters_home() / FOLDER if folder is None else Path(folder)
    tensors, facts = checkpoint.load_tensors(folder / NAME)
    wanted, found = facts.get("backbone_sha256"), checkpoint.backbone_hash(backbone)
    if wanted != found:
        raise BackboneMismatchError(
            f"{folder.name}: made with the backbone {str(wanted)[:12]}, but this one is {found[:12]}.",
            "Build it again: multitoon inpaint-bank --photos DIR -o FOLDER.",
        )
    if tensors.keys() != {"latents", "step", "pixels"}:
        raise CheckpointError(f"{folder}: the bank holds {sorted(tensors)}; wanted latents, pixels, step.")
    latents, step, pixels = tensors["latents"], tensors["step"], tensors["pixels"]
    fits = latents.dtype == torch.int8 and latents.ndim == 2 and latents.shape[1:] == step.shape
    if not fits or pixels.dtype != torch.uint8 or pixels.shape != (len(latents), 3, PATCH, PATCH):
        raise CheckpointError(
            f"{folder}: latents {tuple(latents.shape)}, pixels {tuple(pixels.shape)}; "
            f"wanted (N, D) int8 and (N, 3, {PATCH}, {PATCH}) uint8."
        )
    return Bank(latents, step, pixels, facts)


def _detailed(x: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Flat positions (count,) of cells of `x`, random ones, of each handful that with the most contrast."""
    height, width = x.shape[-2] // 2, x.shape[-1] // 2
    contrast = F.avg_pool2d(x.square(), 2) - F.avg_pool2d(x, 2).square()
    contrast = F.avg_pool2d(contrast.mean(1, keepdim=True), 3, 1, 1).flatten()
    handfuls = torch.randint(height * width, (count, KEPT), generator=generator)
    best = contrast[handfuls].argmax(1, keepdim=True)
    return handfuls.gather(1, best)[:, 0]
