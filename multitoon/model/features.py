"""Feature networks that losses look through: VGG16, VGG19 and two ResNets, up to the layer asked for.

The convolutions are defined here, with torchvision's keys (`features.N.weight`, `layer1.0.conv1.weight`), so
that its weights fit and any safetensors file with the same keys. torchvision itself is not needed.

A layer is named as in the papers: `conv4_4` is what the fourth convolution of block 4 puts out, before its
ReLU; `layer3` is the output of a ResNet's third stage. Weights come from `multitoon.feature_weights`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from multitoon.errors import UnknownNameError
from multitoon.model.resnet import RESNETS, ResNet

VGGS = {
    "vgg16": ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)),
    "vgg19": ((64, 2), (128, 2), (256, 4), (512, 4), (512, 4)),
}
"""Channels and convolutions of each block (Simonyan, Zisserman 2015, configurations D and E)."""
Convention = Literal["caffe", "torchvision"]
MEANS = {"caffe": (0.48501961, 0.45795686, 0.40760392), "torchvision": (0.485, 0.456, 0.406)}
"""Subtracted from RGB in [0, 1]."""
DEVIATIONS = {"caffe": (1.0, 1.0, 1.0), "torchvision": (0.229, 0.224, 0.225)}
"""... and that divided by these. Caffe's weights expect 0 to 255; the factor is in their first layer."""


class FeatureNetwork(nn.Module):
    """The named maps of a frozen feature network; it ends at the deepest layer asked for.

    >>> net = FeatureNetwork(("conv1_2", "conv2_1"))
    >>> {name: tuple(map.shape) for name, map in net(torch.zeros(1, 3, 32, 48)).items()}
    {'conv1_2': (1, 64, 32, 48), 'conv2_1': (1, 128, 16, 24)}

    Activations on Caffe's scale reach 2e4, torchvision's about 30. After `calibrate` each map is divided by
    its mean absolute value on the given photos, so that a weight of a loss means the same for all networks
    and layers. Until then the maps are the network's own.

    Args:
        layers: their names, in any order.
        network: a name of `VGGS` or `RESNETS`.
        convention: how the input is normalized (`MEANS`, `DEVIATIONS`).

    Raises:
        UnknownNameError: no such network, or no such layer in it.
    """

    def __init__(
        self, layers: Iterable[str], network: str = "vgg19", convention: Convention = "torchvision"
    ) -> None:
        super().__init__()
        self.layers = tuple(layers)
        self.network = network
        if network in VGGS:
            self.body: nn.Module = _VGG(VGGS[network], self.layers)
        elif network in RESNETS:
            self.body = ResNet(RESNETS[network], self.layers)
        else:
            raise UnknownNameError("feature network", network, [*VGGS, *RESNETS])
        self.register_buffer("mean", torch.tensor(MEANS[convention]).view(1, 3, 1, 1))
        self.register_buffer("deviation", torch.tensor(DEVIATIONS[convention]).view(1, 3, 1, 1))
        self.gains = dict.fromkeys(self.layers, 1.0)
        """Factor on each layer's map; see `calibrate`."""
        self.requires_grad_(False)
        self.eval()

    def train(self, mode: bool = True) -> FeatureNetwork:
        """Stays in evaluation mode: what it shows must not depend on who asks."""
        return super().train(False)

    def forward(self, x: Tensor, layers: Iterable[str] | None = None) -> dict[str, Tensor]:
        """The maps (B, C, H', W') by name, of pictures `x` (B, 3, H, W) in [-1, 1]; always in fp32.

        `layers` are those wanted now, None all: nothing after the deepest is computed.
        """
        layers = self.layers if layers is None else tuple(layers)
        # Gram matrices of Caffe's activations overflow fp16, and bf16 has three digits.
        with torch.autocast(x.device.type, enabled=False):
            maps = self.body(((x.float() + 1) / 2 - self.mean) / self.deviation, layers)
        return {name: maps[name] * self.gains[name] for name in layers}

    def calibrate(self, photos: Tensor) -> FeatureNetwork:
        """Scale each map so that its mean absolute value on `photos` (B, 3, H, W) in [-1, 1] is 1."""
        self.gains = dict.fromkeys(self.layers, 1.0)
        with torch.no_grad():
            maps = [self(photo[None]) for photo in photos]
        for name in self.layers:
            self.gains[name] = 1.0 / float(torch.stack([m[name].abs().mean() for m in maps]).mean())
        return self


class _VGG(nn.Module):
    """The `features` of torchvision's VGG: 3x3 convolutions with ReLU, 2x2 maxima between blocks."""

    def __init__(self, blocks: Sequence[tuple[int, int]], layers: Iterable[str]) -> None:
        super().__init__()
        self.names: dict[str, str] = {}
        """Index in `features` (a string) to the layer's name."""
        self.features = nn.ModuleDict()
        known = [f"conv{b}_{i}" for b, (_, count) in enumerate(blocks, 1) for i in range(1, count + 1)]
        wanted = set(layers)
        for name in sorted(wanted - set(known)):
            raise UnknownNameError("layer", name, known)
        index, channels = 0, 3
        for block, (width, count) in enumerate(blocks, 1):
            for i in range(1, count + 1):
                if not wanted:
                    return
                self.features[str(index)] = nn.Conv2d(channels, width, 3, padding=1)
                self.names[str(index)] = f"conv{block}_{i}"
                wanted.discard(f"conv{block}_{i}")
                channels = width
                index += 2  # the ReLU
            index += 1  # the pooling

    def forward(self, x: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        maps, block = {}, "1"
        for index, conv in self.features.items():
            name = self.names[index]
            if maps.keys() >= set(layers):
                break
            if maps:
                x = F.relu(x)
            if name[4] != block:
                x, block = F.max_pool2d(x, 2), name[4]
            x = maps[name] = conv(x)
        return maps
