"""How far an exported file is from the merged network, measured on the file itself."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from multitoon.export.calibration import Calibration, batch
from multitoon.export.wrap import Contract, PhotoToToon
from multitoon.model.backbone import Backbone

SIZES = ((64, 64), (45, 67), (200, 131))
"""(H, W) in pixels: what the exporters traced is none of them, and two fit no multiple."""
PHOTO_SIZES = ((96, 128), (200, 131), (384, 384))
"""The same for photos, which hold little at the smallest of `SIZES`; `stylize` draws at the largest."""
BATCH = 2
LEVEL = 2 / 255
"""One step of uint8 on [-1, 1]: rounding alone may take two nearly equal values so far apart."""


@dataclasses.dataclass(frozen=True)
class Limit:
    """What is let through."""

    on: Literal["max", "mean"]
    """Of |exported - merged|, over all values of a batch."""
    value: float
    """On [-1, 1]."""


LIMITS = {"fp32": Limit("max", 1e-4), "fp16": Limit("max", 1e-2), "int8": Limit("mean", 0.02)}
"""A step of fp16 near 1 is 1e-3, and layers add up. Where int8 clips a rare value it is far off, and no eye
sees it: its mean counts."""


@dataclasses.dataclass(frozen=True)
class SizeParity:
    """The difference at one size."""

    batch: int
    size: tuple[int, int]
    """(H, W) in pixels."""
    pictures: int
    max_difference: float
    """On [-1, 1]."""
    mean_difference: float
    """On [-1, 1]."""
    psnr: float | None
    """10 log10(4 / mean square), in dB; None where nothing differs."""


@dataclasses.dataclass(frozen=True)
class Parity:
    """Differences between an exported file and the merged network in fp32."""

    sizes: tuple[SizeParity, ...]
    limit: float
    """On [-1, 1]."""
    limit_on: Literal["max", "mean"] = "max"
    """Which difference the limit is for."""

    @property
    def max_difference(self) -> float:
        """The largest of all sizes, on [-1, 1]."""
        return max(part.max_difference for part in self.sizes)

    @property
    def mean_difference(self) -> float:
        """The mean of the worst size, on [-1, 1]."""
        return max(part.mean_difference for part in self.sizes)

    @property
    def psnr(self) -> float | None:
        """Of the worst size, in dB; None where nothing differs."""
        return min((part.psnr for part in self.sizes if part.psnr is not None), default=None)

    @property
    def limited(self) -> float:
        """The worst difference of the kind that the limit is for."""
        return getattr(self, f"{self.limit_on}_difference")

    @property
    def holds(self) -> bool:
        """Whether all differences are numbers within the limit."""
        return all(
            math.isfinite(part.max_difference) and getattr(part, f"{self.limit_on}_difference") <= self.limit
            for part in self.sizes
        )


@torch.no_grad()
def measure_parity(
    exported: Callable[[Tensor], Tensor],
    network: Backbone,
    contract: Contract,
    precision: str,
    calibration: Calibration | None = None,
) -> Parity:
    """|exported - network| over batches of `BATCH` pictures at three sizes, or at the contract's only one.

    Args:
        exported: the file as a function, under `contract`.
        network: merged, in fp32.
        precision: a key of `LIMITS`.
        calibration: measure on its photos; without it, on two made-up ones.
    """
    reference = PhotoToToon(network, contract)
    limit = LIMITS[precision]
    rounding = LEVEL if contract.input == "uint8" and limit.on == "max" else 0
    sizes = SIZES if calibration is None else PHOTO_SIZES
    parts = []
    for size in (contract.size,) if contract.size else sizes:
        photos = _made_up(size) if calibration is None else _measured(calibration, size)
        pairs = ((exported(x), reference(x)) for x in map(contract.apply, photos))
        parts.append(_compare(pairs, size, 1.0 if contract.input == "float" else LEVEL))
    return Parity(tuple(parts), limit.value + rounding, limit.on)


def _compare(pairs: Iterator[tuple[Tensor, Tensor]], size: tuple[int, int], unit: float) -> SizeParity:
    differences = [unit * (a.double() - b.double()) for a, b in pairs]  # (BATCH, ...) each
    e = torch.cat(differences)
    square = e.square().mean().item()
    return SizeParity(
        batch=BATCH,
        size=size,
        pictures=len(e),
        max_difference=e.abs().max().item(),
        mean_difference=e.abs().mean().item(),
        psnr=10 * math.log10(4 / square) if square else None,
    )


def _measured(calibration: Calibration, size: tuple[int, int]) -> Iterator[Tensor]:
    for start in range(0, len(calibration.measured), BATCH):
        yield batch(calibration.measured, start, BATCH, size)


def _made_up(size: tuple[int, int]) -> Iterator[Tensor]:
    """(BATCH, 3, H, W) in [-1, 1] with slopes, patches and grain: all that an activation may see."""
    generator = torch.Generator().manual_seed(sum(size))
    patches = torch.rand(BATCH, 3, 6, 6, generator=generator) * 2 - 1
    smooth = F.interpolate(patches, size, mode="bilinear", align_corners=True)
    grain = torch.randn(BATCH, 3, *size, generator=generator)
    yield (1.2 * smooth + 0.1 * grain).clamp(-1, 1)
