"""Inception v3, whose features FID and KID are made of: up to its pool of 2048, or to Mixed_6e's 768.

Szegedy et al. 2015, "Rethinking the Inception Architecture", figures 5, 6, 7 and 10, with batch normalization
folded into weight and bias, and torchvision's names. How far it goes depends on the weights that are there,
and a figure is called by what it was made of:

    2048                the network of the FID papers (TensorFlow, 2015-12-05), whole: plain FID and KID
    768                 the same network's tap after Mixed_6e, three blocks earlier: FID-768 and KID-768
    torchvision-2048    torchvision's own weights, another training: comparable with nothing published
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from multitoon.errors import CheckpointError
from multitoon.evaluate.weights import (
    ADDRESS,
    DOWNLOAD,
    fetch_inception,
    folded,
    load_strictly,
    read_weights,
)

STANDARD, TAP, TORCHVISION = "2048", "768", "torchvision-2048"
"""Names of features."""
SIDE = 299
"""Pixels of the square that it was trained on."""
DEEP = ("Mixed_7a.", "Mixed_7b.", "Mixed_7c.")
"""Blocks after the tap of 768; left out where the weights end before the last of them."""
FID_CLASSES = 1008
"""Rows of the classifier in the FID papers' network; torchvision's has 1000."""
Pool = Callable[[Tensor], Tensor]
WIDE, TALL = ((1, 7), 1, (0, 3)), ((7, 1), 1, (3, 0))
"""Kernel, stride and padding of the two halves of a 7x7 convolution."""


class Inception(nn.Module):
    """Pictures (B, 3, H, W) in [-1, 1] to features (B, 768 or 2048) by name.

    Args:
        deep: go on to the pool of 2048.
        torchvision: pool as torchvision does, border zeros included; the FID papers' network leaves them
            out, and takes maxima in its last block.
    """

    def __init__(self, deep: bool = False, torchvision: bool = False) -> None:
        super().__init__()
        self.deep, self.torchvision = deep, torchvision
        average = partial(F.avg_pool2d, kernel_size=3, stride=1, padding=1, count_include_pad=torchvision)
        largest = partial(F.max_pool2d, kernel_size=3, stride=1, padding=1)
        self.Conv2d_1a_3x3 = _Conv(3, 32, 3, stride=2)
        self.Conv2d_2a_3x3 = _Conv(32, 32, 3)
        self.Conv2d_2b_3x3 = _Conv(32, 64, 3, padding=1)
        self.Conv2d_3b_1x1 = _Conv(64, 80, 1)
        self.Conv2d_4a_3x3 = _Conv(80, 192, 3)
        self.Mixed_5b = _BlockA(192, 32, average)
        self.Mixed_5c = _BlockA(256, 64, average)
        self.Mixed_5d = _BlockA(288, 64, average)
        self.Mixed_6a = _BlockB(288)
        self.Mixed_6b = _BlockC(128, average)
        self.Mixed_6c = _BlockC(160, average)
        self.Mixed_6d = _BlockC(160, average)
        self.Mixed_6e = _BlockC(192, average)
        if deep:
            self.Mixed_7a = _BlockD()
            self.Mixed_7b = _BlockE(1280, average)
            self.Mixed_7c = _BlockE(2048, average if torchvision else largest)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        x = F.interpolate(x, (SIDE, SIDE), mode="bilinear", align_corners=False)
        x = self.Conv2d_2b_3x3(self.Conv2d_2a_3x3(self.Conv2d_1a_3x3(x)))  # (B, 64, 147, 147)
        x = self.Conv2d_4a_3x3(self.Conv2d_3b_1x1(F.max_pool2d(x, 3, 2)))  # (B, 192, 71, 71)
        x = self.Mixed_5d(self.Mixed_5c(self.Mixed_5b(F.max_pool2d(x, 3, 2))))  # (B, 288, 35, 35)
        x = self.Mixed_6c(self.Mixed_6b(self.Mixed_6a(x)))  # (B, 768, 17, 17)
        x = self.Mixed_6e(self.Mixed_6d(x))
        found = {} if self.torchvision else {TAP: x.mean((2, 3))}
        if self.deep:
            x = self.Mixed_7c(self.Mixed_7b(self.Mixed_7a(x)))  # (B, 2048, 8, 8)
            found[TORCHVISION if self.torchvision else STANDARD] = x.mean((2, 3))
        return found


def load_inception(source: str | Path) -> Inception:
    """The network, as deep as its weights, in evaluation mode.

    Args:
        source: a file, or `download` for the published weights. The file is the published checkpoint
            (pytorch-fid's), torchvision's, or a safetensors with folded batch normalization that reaches at
            least Mixed_6e.

    Raises:
        CheckpointError: no such file, a damaged one, or one with other keys or shapes.
    """
    download = str(source) == DOWNLOAD
    tensors = fetch_inception() if download else read_weights(Path(source))
    name = ADDRESS if download else source
    torchvision = False
    if any(key.endswith(".conv.weight") for key in tensors):
        if "fc.weight" not in tensors:
            raise CheckpointError(
                f"{name}: no fc.weight, whose rows tell the FID papers' Inception from torchvision's."
            )
        torchvision = len(tensors["fc.weight"]) != FID_CLASSES
        tensors = {key: value for key, value in folded(tensors).items() if not key.startswith("AuxLogits.")}
    deep = any(key.startswith(DEEP[-1]) for key in tensors)
    if not deep:
        tensors = {key: value for key, value in tensors.items() if not key.startswith(DEEP)}
    network = Inception(deep, torchvision).eval()
    load_strictly(network, tensors, name, "Inception v3 with folded batch normalization")
    return network


class _Conv(nn.Conv2d):
    """Convolution and ReLU."""

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(super().forward(x))


class _BlockA(nn.Module):
    """Figure 5: 1x1, 5x5 as 1x1 and 5x5, two 3x3, and a pool; 224 + `pooled` channels."""

    def __init__(self, channels: int, pooled: int, pool: Pool) -> None:
        super().__init__()
        self.pool = pool
        self.branch1x1 = _Conv(channels, 64, 1)
        self.branch5x5_1 = _Conv(channels, 48, 1)
        self.branch5x5_2 = _Conv(48, 64, 5, padding=2)
        self.branch3x3dbl_1 = _Conv(channels, 64, 1)
        self.branch3x3dbl_2 = _Conv(64, 96, 3, padding=1)
        self.branch3x3dbl_3 = _Conv(96, 96, 3, padding=1)
        self.branch_pool = _Conv(channels, pooled, 1)

    def forward(self, x: Tensor) -> Tensor:
        double = self.branch3x3dbl_3(self.branch3x3dbl_2(self.branch3x3dbl_1(x)))
        pool = self.branch_pool(self.pool(x))
        return torch.cat([self.branch1x1(x), self.branch5x5_2(self.branch5x5_1(x)), double, pool], 1)


class _BlockB(nn.Module):
    """Figure 10: half the size, 480 more channels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.branch3x3 = _Conv(channels, 384, 3, stride=2)
        self.branch3x3dbl_1 = _Conv(channels, 64, 1)
        self.branch3x3dbl_2 = _Conv(64, 96, 3, padding=1)
        self.branch3x3dbl_3 = _Conv(96, 96, 3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        double = self.branch3x3dbl_3(self.branch3x3dbl_2(self.branch3x3dbl_1(x)))
        return torch.cat([self.branch3x3(x), double, F.max_pool2d(x, 3, 2)], 1)


class _BlockC(nn.Module):
    """Figure 6: 7x7 as 1x7 and 7x1, once and twice; 768 channels in and out, `inner` between."""

    def __init__(self, inner: int, pool: Pool) -> None:
        super().__init__()
        self.pool = pool
        self.branch1x1 = _Conv(768, 192, 1)
        self.branch7x7_1 = _Conv(768, inner, 1)
        self.branch7x7_2 = _Conv(inner, inner, *WIDE)
        self.branch7x7_3 = _Conv(inner, 192, *TALL)
        self.branch7x7dbl_1 = _Conv(768, inner, 1)
        self.branch7x7dbl_2 = _Conv(inner, inner, *TALL)
        self.branch7x7dbl_3 = _Conv(inner, inner, *WIDE)
        self.branch7x7dbl_4 = _Conv(inner, inner, *TALL)
        self.branch7x7dbl_5 = _Conv(inner, 192, *WIDE)
        self.branch_pool = _Conv(768, 192, 1)

    def forward(self, x: Tensor) -> Tensor:
        single = self.branch7x7_3(self.branch7x7_2(self.branch7x7_1(x)))
        double = self.branch7x7dbl_3(self.branch7x7dbl_2(self.branch7x7dbl_1(x)))
        double = self.branch7x7dbl_5(self.branch7x7dbl_4(double))
        return torch.cat([self.branch1x1(x), single, double, self.branch_pool(self.pool(x))], 1)


class _BlockD(nn.Module):
    """Half the size again, from 768 to 1280 channels."""

    def __init__(self) -> None:
        super().__init__()
        self.branch3x3_1 = _Conv(768, 192, 1)
        self.branch3x3_2 = _Conv(192, 320, 3, stride=2)
        self.branch7x7x3_1 = _Conv(768, 192, 1)
        self.branch7x7x3_2 = _Conv(192, 192, *WIDE)
        self.branch7x7x3_3 = _Conv(192, 192, *TALL)
        self.branch7x7x3_4 = _Conv(192, 192, 3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        wide = self.branch7x7x3_4(self.branch7x7x3_3(self.branch7x7x3_2(self.branch7x7x3_1(x))))
        return torch.cat([self.branch3x3_2(self.branch3x3_1(x)), wide, F.max_pool2d(x, 3, 2)], 1)


class _BlockE(nn.Module):
    """Figure 7: 3x3 as 1x3 beside 3x1, once and after a 3x3; 2048 channels out."""

    def __init__(self, channels: int, pool: Pool) -> None:
        super().__init__()
        self.pool = pool
        self.branch1x1 = _Conv(channels, 320, 1)
        self.branch3x3_1 = _Conv(channels, 384, 1)
        self.branch3x3_2a = _Conv(384, 384, (1, 3), padding=(0, 1))
        self.branch3x3_2b = _Conv(384, 384, (3, 1), padding=(1, 0))
        self.branch3x3dbl_1 = _Conv(channels, 448, 1)
        self.branch3x3dbl_2 = _Conv(448, 384, 3, padding=1)
        self.branch3x3dbl_3a = _Conv(384, 384, (1, 3), padding=(0, 1))
        self.branch3x3dbl_3b = _Conv(384, 384, (3, 1), padding=(1, 0))
        self.branch_pool = _Conv(channels, 192, 1)

    def forward(self, x: Tensor) -> Tensor:
        single, double = self.branch3x3_1(x), self.branch3x3dbl_2(self.branch3x3dbl_1(x))
        split = [self.branch3x3_2a(single), self.branch3x3_2b(single)]
        split += [self.branch3x3dbl_3a(double), self.branch3x3dbl_3b(double)]
        return torch.cat([self.branch1x1(x), *split, self.branch_pool(self.pool(x))], 1)
