"""MobileNetV2 1.0 with its ImageNet classifier, for the inception score where Inception's own is not there.

Sandler et al. 2018, table 2, with batch normalization folded into weight and bias, torchvision's names, and
TensorFlow's padding: a convolution of stride 2 pads below and to the right.
"""

from __future__ import annotations

from pathlib import Path

import torch.nn.functional as F
from torch import Tensor, nn

from multitoon.evaluate.weights import load_strictly, read_weights

NAME = "MobileNetV2 1.0"
"""What figures made with it say."""
SIDE = 224
"""Pixels of the square that it was trained on."""
STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
"""Expansion, channels, blocks and stride of the first of them."""


class MobileNetV2(nn.Module):
    """Pictures (B, 3, H, W) in [-1, 1] to probabilities (B, 1000) of ImageNet's classes."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Sequential(_conv(3, 32, 3, 2))]
        channels = 32
        for expand, out, count, stride in STAGES:
            for i in range(count):
                layers.append(_Block(channels, out, stride if i == 0 else 1, expand))
                channels = out
        layers.append(nn.Sequential(_conv(channels, 1280, 1)))
        self.features = nn.ModuleList(layers)
        self.classifier = nn.Sequential(nn.Identity(), nn.Linear(1280, 1000))

    def forward(self, x: Tensor) -> Tensor:
        x = F.interpolate(x, (SIDE, SIDE), mode="bilinear", align_corners=False, antialias=True)
        for layer in self.features:
            x = layer(x) if isinstance(layer, _Block) else F.relu6(layer(x))
        return self.classifier(x.mean((2, 3))).softmax(1)


def load_mobilenet(path: str | Path) -> MobileNetV2:
    """The network with the weights in `path`, in evaluation mode.

    Raises:
        CheckpointError: no such file, a damaged one, or one with other keys or shapes.
    """
    network = MobileNetV2().eval()
    load_strictly(network, read_weights(Path(path)), path, "MobileNetV2 with folded batch normalization")
    return network


class _Same(nn.Conv2d):
    """A convolution of stride 2 with TensorFlow's padding."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(F.pad(x, (0, 1, 0, 1)))


class _Block(nn.Module):
    """Wider by 1x1, 3x3 on each channel, narrower by 1x1; plus the input where shapes allow."""

    def __init__(self, channels: int, out: int, stride: int, expand: int) -> None:
        super().__init__()
        inner = channels * expand
        layers: list[nn.Module] = [nn.Sequential(_conv(channels, inner, 1))] if expand > 1 else []
        layers += [nn.Sequential(_conv(inner, inner, 3, stride, groups=inner)), _conv(inner, out, 1)]
        self.conv = nn.ModuleList(layers)
        self.skips = stride == 1 and channels == out

    def forward(self, x: Tensor) -> Tensor:
        y = x
        for layer in self.conv[:-1]:
            y = F.relu6(layer(y))
        y = self.conv[-1](y)
        return x + y if self.skips else y


def _conv(channels: int, out: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Conv2d:
    if stride == 2:
        return _Same(channels, out, kernel, 2, 0, groups=groups)
    return nn.Conv2d(channels, out, kernel, 1, kernel // 2, groups=groups)
