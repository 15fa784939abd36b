"""Inception v3 of 2015 up to Mixed_6e, whose 768 features FID-768 and KID-768 are made of.

The network of the FID papers (Szegedy et al. 2015, "Rethinking the Inception Architecture", figures 5, 6 and
10), with batch normalization folded into weight and bias, and torchvision's names. The usual tap is 2048 wide
and three blocks later; its weights are not needed here, and no figure of this file may be called by its name.
"""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from multitoon.errors import CheckpointError

FEATURES = 768
SIDE = 299
"""Pixels of the square that it was trained on."""
BEYOND = "Mixed_7a."
"""The block after the tap; weights that reach so far are welcome."""
WIDE, TALL = ((1, 7), 1, (0, 3)), ((7, 1), 1, (3, 0))
"""Kernel, stride and padding of the two halves of a 7x7 convolution."""


class Inception768(nn.Module):
    """Pictures (B, 3, H, W) in [-1, 1] to features (B, 768): the spatial mean after Mixed_6e."""

    def __init__(self) -> None:
        super().__init__()
        self.Conv2d_1a_3x3 = _Conv(3, 32, 3, stride=2)
        self.Conv2d_2a_3x3 = _Conv(32, 32, 3)
        self.Conv2d_2b_3x3 = _Conv(32, 64, 3, padding=1)
        self.Conv2d_3b_1x1 = _Conv(64, 80, 1)
        self.Conv2d_4a_3x3 = _Conv(80, 192, 3)
        self.Mixed_5b = _BlockA(192, 32)
        self.Mixed_5c = _BlockA(256, 64)
        self.Mixed_5d = _BlockA(288, 64)
        self.Mixed_6a = _BlockB(288)
        self.Mixed_6b = _BlockC(128)
        self.Mixed_6c = _BlockC(160)
        self.Mixed_6d = _BlockC(160)
        self.Mixed_6e = _BlockC(192)

    def forward(self, x: Tensor) -> Tensor:
        x = F.interpolate(x, (SIDE, SIDE), mode="bilinear", align_corners=False)
        x = self.Conv2d_2b_3x3(self.Conv2d_2a_3x3(self.Conv2d_1a_3x3(x)))  # (B, 64, 147, 147)
        x = self.Conv2d_4a_3x3(self.Conv2d_3b_1x1(F.max_pool2d(x, 3, 2)))  # (B, 192, 71, 71)
        x = self.Mixed_5d(self.Mixed_5c(self.Mixed_5b(F.max_pool2d(x, 3, 2))))  # (B, 288, 35, 35)
        x = self.Mixed_6c(self.Mixed_6b(self.Mixed_6a(x)))  # (B, 768, 17, 17)
        return self.Mixed_6e(self.Mixed_6d(x)).mean((2, 3))


def load_inception(path: str | Path) -> Inception768:
    """The network with the weights in the safetensors file `path`, in evaluation mode.

    Raises:
        CheckpointError: no such file, a damaged one, or one with other keys or shapes.
    """
    try:
        tensors = load_file(path)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{path}: not a readable safetensors file ({error}).") from error
    tensors = {key: value for key, value in tensors.items() if not key.startswith(BEYOND)}
    network = Inception768().eval()
    own = network.state_dict()
    if {key: value.shape for key, value in tensors.items()} != {
        key: value.shape for key, value in own.items()
    }:
        odd = sorted(own.keys() ^ tensors.keys())
        what = f"keys that do not match: {', '.join(odd[:3])}" if odd else "tensors of other shapes"
        raise CheckpointError(f"{path}: not Inception v3 with folded batch normalization ({what}).")
    network.load_state_dict(tensors)
    return network


class _Conv(nn.Conv2d):
    """Convolution and ReLU."""

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(super().forward(x))


class _BlockA(nn.Module):
    """Figure 5: 1x1, 5x5 as 1x1 and 5x5, two 3x3, and a pool; 224 + `pooled` channels."""

    def __init__(self, channels: int, pooled: int) -> None:
        super().__init__()
        self.branch1x1 = _Conv(channels, 64, 1)
        self.branch5x5_1 = _Conv(channels, 48, 1)
        self.branch5x5_2 = _Conv(48, 64, 5, padding=2)
        self.branch3x3dbl_1 = _Conv(channels, 64, 1)
        self.branch3x3dbl_2 = _Conv(64, 96, 3, padding=1)
        self.branch3x3dbl_3 = _Conv(96, 96, 3, padding=1)
        self.branch_pool = _Conv(channels, pooled, 1)

    def forward(self, x: Tensor) -> Tensor:
        double = self.branch3x3dbl_3(self.branch3x3dbl_2(self.branch3x3dbl_1(x)))
        pool = self.branch_pool(_average(x))
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

    def __init__(self, inner: int) -> None:
        super().__init__()
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
        return torch.cat([self.branch1x1(x), single, double, self.branch_pool(_average(x))], 1)


def _average(x: Tensor) -> Tensor:
    return F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
