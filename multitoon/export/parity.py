"""How far an exported file is from the merged network, measured on the file itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from multitoon.export.wrap import Contract, PhotoToToon
from multitoon.model.backbone import Backbone

SIZES = ((64, 64), (45, 67), (200, 131))
"""(H, W) in pixels: what the exporters traced is none of them, and two fit no multiple."""
BATCH = 2
LIMITS = {"fp32": 1e-4, "fp16": 1e-2}
"""Largest difference on [-1, 1] that is let through. A step of fp16 near 1 is 1e-3, and layers add up."""
LEVEL = 2 / 255
"""One step of uint8 on [-1, 1]: rounding alone may take two nearly equal values so far apart."""


@dataclasses.dataclass(frozen=True)
class SizeParity:
    """The difference at one size."""

    batch: int
    size: tuple[int, int]
    """(H, W) in pixels."""
    max_difference: float
    """On [-1, 1]."""


@dataclasses.dataclass(frozen=True)
class Parity:
    """Differences between an exported file and the merged network in fp32."""

    sizes: tuple[SizeParity, ...]
    limit: float
    """On [-1, 1]."""

    @property
    def max_difference(self) -> float:
        """The largest of all sizes, on [-1, 1]."""
        return max(part.max_difference for part in self.sizes)

    @property
    def holds(self) -> bool:
        """Whether all differences are numbers within the limit."""
        return all(part.max_difference <= self.limit for part in self.sizes)


@torch.no_grad()
def measure_parity(
    exported: Callable[[Tensor], Tensor], network: Backbone, contract: Contract, precision: str
) -> Parity:
    """max |exported - network| over `BATCH` made-up photos at each of `SIZES`.

    Args:
        exported: the file as a function, under `contract`.
        network: merged, in fp32.
        precision: a key of `LIMITS`.
    """
    reference = PhotoToToon(network, contract)
    generator = torch.Generator().manual_seed(0)
    unit = 1.0 if contract.input == "float" else LEVEL
    parts = []
    for size in SIZES:
        photos = contract.apply(_photos(size, generator))
        difference = exported(photos).double() - reference(photos).double()
        parts.append(SizeParity(BATCH, size, unit * difference.abs().max().item()))
    return Parity(tuple(parts), LIMITS[precision] + (0 if contract.input == "float" else LEVEL))


def _photos(size: tuple[int, int], generator: torch.Generator) -> Tensor:
    """(BATCH, 3, H, W) in [-1, 1] with slopes, patches and grain: all that an activation may see."""
    patches = torch.rand(BATCH, 3, 6, 6, generator=generator) * 2 - 1
    smooth = F.interpolate(patches, size, mode="bilinear", align_corners=True)
    grain = torch.randn(BATCH, 3, *size, generator=generator)
    return (1.2 * smooth + 0.1 * grain).clamp(-1, 1)
