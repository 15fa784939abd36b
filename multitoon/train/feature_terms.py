"""The losses that look through a feature network, and what is kept so that it runs less often.

Photos, targets and style pictures don't change: their maps and Gram matrices are computed once per crop of a
`pool` and kept in half precision. A crop is computed by itself, never with others of its batch: a sum that
depends on its neighbors would make a resumed run differ from one that was never stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from multitoon.losses.content import content_loss
from multitoon.losses.gram import gram, gram_loss, gray
from multitoon.model.features import FeatureNetwork
from multitoon.train.config import FeatureConfig, Weights

LIMIT = 1 << 30
"""Bytes of maps that are kept; what comes later is computed each time."""


class FeatureTerms:
    """`content`, `perceptual` and `gram` of a batch (`Weights`), on every `config.every`-th step.

    `net` must have the layers of `config`, and be calibrated.
    """

    def __init__(self, net: FeatureNetwork, config: FeatureConfig) -> None:
        self.net = net
        self.config = config
        self.processes = 1
        """How many share a batch."""
        self._kept: dict[Hashable, dict[str, Tensor]] = {}
        self._bytes = 0

    def wanted(self, step: int, weights: Weights) -> bool:
        """Whether `step` is one on which the network is run."""
        return weights.need_features and step % self.config.every == 0

    def terms(
        self,
        weights: Weights,
        toon: Tensor,
        target: Tensor,
        photo: Tensor,
        grams: Mapping[str, Tensor] | None,
        keys: list[Hashable] | None = None,
    ) -> dict[str, Tensor]:
        """The terms by name, weighted, with `every` made up for.

        Pictures are (B, 3, H, W) in [-1, 1]; `grams` are those of as many pictures of the style, or None
        where `gram` has no weight. `keys` say which crop each photo and target is; None keeps nothing.
        """
        config = self.config
        count = self.seen(len(toon))
        toon, target, photo = toon[:count], target[:count], photo[:count]
        terms = {}
        if weights.content or weights.perceptual:
            seen = self.content(toon)
            for name, other in (("content", photo), ("perceptual", target)):
                if share := config.every * config.unit * getattr(weights, name):
                    there = self._kept_content(other, keys and [(name, key) for key in keys[:count]])
                    terms[name] = share * content_loss(seen, there)
        if weights.gram and grams is not None:
            share = config.every * config.gram_unit * weights.gram
            terms["gram"] = share * gram_loss(self.net(gray(toon), config.gram), grams)
        return terms

    def seen(self, share: int) -> int:
        """How many crops of a process's `share` of the batch the network sees: the first."""
        return min(share, max(1, self.config.batch // self.processes)) if self.config.batch else share

    def grams(self, pictures: Tensor) -> dict[str, Tensor]:
        """Gray Gram matrices (B, C, C) of pictures (B, 3, H, W), by layer."""
        return {name: gram(f) for name, f in self.net(gray(pictures), self.config.gram).items()}

    def style_grams(
        self, numbers: list[int], crop: int, cut: Callable[[int, int], Tensor]
    ) -> dict[str, Tensor]:
        """Gray Gram matrices (B, C, C), by layer, one for each of `numbers`: that style crop's, or the pool's
        mean. `cut(number, crop)` is (1, 3, H, W).
        """
        if self.config.gram_of == "mean":
            mean = self._kept_mean(crop, cut)
            return {name: row.expand(len(numbers), -1, -1) for name, row in mean.items()}
        rows = []
        for number in numbers:
            key = ("gram", number, crop)
            if (row := self._kept.get(key)) is None:
                with torch.no_grad():
                    row = self.grams(cut(number, crop))
                self._keep(key, row)
            rows.append(row)
        return {name: torch.cat([row[name] for row in rows]) for name in rows[0]}

    def _kept_mean(self, crop: int, cut: Callable[[int, int], Tensor]) -> dict[str, Tensor]:
        key = ("gram mean", crop)
        if key not in self._kept:
            count, mean = self.config.gram_pool, {}
            with torch.no_grad():
                for number in range(count):
                    for name, row in self.grams(cut(number, crop)).items():
                        mean[name] = mean.get(name, 0) + row / count
            self._kept[key] = mean
        return self._kept[key]

    def content(self, x: Tensor) -> Tensor:
        """The content layer's map (B, C, H', W') of pictures (B, 3, H, W)."""
        shrunk = F.avg_pool2d(x, self.config.shrink) if self.config.shrink > 1 else x
        return self.net(shrunk, (self.config.content,))[self.config.content]

    def _kept_content(self, x: Tensor, keys: list[Hashable] | None) -> Tensor:
        """`content` of pictures that have no gradient, from what is kept where it is."""
        with torch.no_grad():
            if keys is None:
                return self.content(x)
            rows = []
            for i, key in enumerate(keys):
                if (row := self._kept.get(key)) is None:
                    row = {"content": self.content(x[i : i + 1]).half()}
                    self._keep(key, row)
                rows.append(row["content"])
        return torch.cat(rows).float()

    def _keep(self, key: Hashable, maps: dict[str, Tensor]) -> None:
        size = sum(value.numel() * value.element_size() for value in maps.values())
        if self._bytes + size <= LIMIT:
            self._kept[key] = maps
            self._bytes += size
