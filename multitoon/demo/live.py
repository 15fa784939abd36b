"""The mix while its sliders move: one plain network whose weights are moved, not merged anew.

Merging is linear in the weights of the styles (see `model/merge.py`), so with W_0 the merged network without
a style and W_i the one of style i alone, both kept as flat vectors, a mix is one sum:

    W = W_0 + sum w_i (W_i - W_0)

which takes a millisecond where merging takes as long as drawing a small picture, and unmerged adapters more.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from PIL import Image
from torch import Tensor, nn

from multitoon.color import keep_color
from multitoon.image import Photo, to_image, to_tensor
from multitoon.model.toon import StyledBackbone
from multitoon.paper import on_paper
from multitoon.strength import exaggerated, within
from multitoon.tiles import apply_tiled

KEPT = 12
"""How many styles' differences (2.2 MB each) are kept; the one that was used longest ago goes."""


class LiveMix:
    """Small toons under weights that change with every call; for one thread."""

    def __init__(self, network: StyledBackbone) -> None:
        self._network = network
        self._plain = network.cpu().merged({})
        parts = _parts(self._plain)
        self._weights = _flat(parts)
        """The plain network's numbers lie in it: who moves it moves the network."""
        for part, place in zip(parts, self._weights.split([part.numel() for part in parts]), strict=True):
            part.data = place.view_as(part)
        self._start = self._weights.clone()
        self._steps: dict[str, Tensor] = {}

    def draw(self, photo: Photo, mix: Mapping[str, float], preserve_color: bool = False) -> Image.Image:
        """The toon of `photo` under `mix`, every pixel drawn; as `MultiToon.stylize` within rounding."""
        with torch.inference_mode():
            weights, beyond = within(mix, 1.0)
            self._weights.copy_(self._start)
            for style, weight in weights.items():
                self._weights.add_(self._step(style), alpha=weight)
            self._plain.fade = self._network.fade(weights)
            x = to_tensor(photo.rgb)
            network = exaggerated(self._plain, beyond)
            y = apply_tiled(network, x, tile=None, halo=0, multiple=self._plain.multiple).clamp(-1, 1)
            toon = to_image(keep_color(y, x) if preserve_color else y)
            return photo.finish(on_paper(toon, self._network.paper(weights) * beyond))

    def forget(self, style: str) -> None:
        """The style is gone, or is another one from now on."""
        self._steps.pop(style, None)

    def _step(self, style: str) -> Tensor:
        """W_i - W_0."""
        step = self._steps.pop(style, None)
        if step is None:
            step = _flat(_parts(self._network.cpu().merged(style))) - self._start
            if len(self._steps) == KEPT:
                del self._steps[next(iter(self._steps))]
        self._steps[style] = step  # the newest at the end
        return step


def _parts(network: nn.Module) -> list[Tensor]:
    return [*network.parameters(), *network.buffers()]


def _flat(parts: list[Tensor]) -> Tensor:
    return torch.cat([part.detach().flatten() for part in parts])
