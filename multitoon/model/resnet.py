"""ResNet-18 and ResNet-50 up to a stage (He et al. 2016), with torchvision's keys."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

import torch.nn.functional as F
from torch import Tensor, nn

from multitoon.errors import UnknownNameError

WIDTHS = (64, 128, 256, 512)
"""Channels of the four stages, before a bottleneck's expansion."""


@dataclasses.dataclass(frozen=True)
class ResNetShape:
    """What tells one ResNet from another."""

    blocks: tuple[int, int, int, int]
    """Blocks per stage."""
    bottleneck: bool
    """1x1, 3x3, 1x1 with four times the channels, instead of two 3x3."""


RESNETS = {
    "resnet18": ResNetShape((2, 2, 2, 2), bottleneck=False),
    "resnet50": ResNetShape((3, 4, 6, 3), bottleneck=True),
}


class ResNet(nn.Module):
    """The outputs of the stages `layer1` to `layer4` (H/4 to H/32) that are asked for, by name."""

    def __init__(self, shape: ResNetShape, layers: Iterable[str]) -> None:
        super().__init__()
        known = [f"layer{i}" for i in range(1, 5)]
        for name in sorted(set(layers) - set(known)):
            raise UnknownNameError("layer", name, known)
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.stages = sorted(known)[: max(int(name[-1]) for name in layers)]
        channels = 64
        for name, width, count in zip(self.stages, WIDTHS, shape.blocks, strict=False):
            out = width * (4 if shape.bottleneck else 1)
            stride = 1 if name == "layer1" else 2
            blocks = [_Block(channels, width, out, stride, shape.bottleneck)]
            blocks += [_Block(out, width, out, 1, shape.bottleneck) for _ in range(count - 1)]
            self.add_module(name, nn.Sequential(*blocks))
            channels = out

    def forward(self, x: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        maps = {}
        for name in self.stages[: max(self.stages.index(layer) for layer in layers) + 1]:
            x = maps[name] = getattr(self, name)(x)
        return maps


class _Block(nn.Module):
    """Basic or bottleneck block; as in torchvision the 3x3 has the stride."""

    def __init__(self, channels: int, width: int, out: int, stride: int, bottleneck: bool) -> None:
        super().__init__()
        self.bottleneck = bottleneck
        if bottleneck:
            self.conv1 = nn.Conv2d(channels, width, 1, bias=False)
            self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
            self.conv3 = nn.Conv2d(width, out, 1, bias=False)
            self.bn3 = nn.BatchNorm2d(out)
        else:
            self.conv1 = nn.Conv2d(channels, width, 3, stride, 1, bias=False)
            self.conv2 = nn.Conv2d(width, out, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = None
        if stride > 1 or channels != out:
            self.downsample = nn.Sequential(
                nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out)
            )

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        if self.bottleneck:
            y = self.bn3(self.conv3(F.relu(y)))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))
