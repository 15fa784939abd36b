"""The backbone with its named adapters: one style, a mix, a style per picture, a style per region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from multitoon.errors import UnknownNameError, UsageError
from multitoon.model.adapter import Adapter, StyleMix, Weight, mixed_number
from multitoon.model.backbone import Backbone
from multitoon.model.merge import merge

Mix = str | Mapping[str, Weight] | Sequence[str | Mapping[str, float] | None]
"""A style; styles with their weights; or one of either (None: the photo) for each picture of a batch."""


class StyledBackbone(nn.Module):
    """One frozen backbone and any number of adapters on it.

    >>> toon = StyledBackbone(backbone)                                     # doctest: +SKIP
    >>> toon.add_adapter("ink", ink); toon.add_adapter("hayao", hayao)      # doctest: +SKIP
    >>> toon(x, "ink")                                  # one style         # doctest: +SKIP
    >>> toon(x, {"ink": 0.4, "hayao": 0.6})             # a mix             # doctest: +SKIP
    >>> toon(x, ["ink", None, {"hayao": 1.5}])          # one per picture   # doctest: +SKIP
    >>> toon(x, {"ink": 1 - mask, "hayao": mask})       # one per region    # doctest: +SKIP
    """

    def __init__(self, backbone: Backbone) -> None:
        super().__init__()
        self.backbone = backbone
        self.adapters = nn.ModuleDict()

    def add_adapter(self, name: str, adapter: Adapter) -> None:
        """Make `adapter` known as `name`; one of that name is replaced."""
        self.adapters[name] = adapter

    def remove_adapter(self, name: str) -> None:
        self._find(name)
        del self.adapters[name]

    def forward(self, x: Tensor, mix: Mix | None = None) -> Tensor:
        """Toons (B, 3, H, W) of photos `x` (B, 3, H, W) in [-1, 1]; `mix=None` is the backbone alone.

        Raises:
            UnknownNameError: a style that was not added.
            UsageError: a sequence that is not as long as the batch.
        """
        return self.backbone(x, None if mix is None else self._resolve(mix, x))

    def merged(self, mix: str | Mapping[str, float]) -> Backbone:
        """One plain network, equal to `forward` under `mix` (see `merge.py`)."""
        weights = {mix: 1.0} if isinstance(mix, str) else mix
        return merge(self.backbone, dict(self._parts(weights)))

    def paper(self, mix: Mapping[str, Weight]) -> Weight:
        """The grain of the paper under `mix`: 0 where no style has any, a map where weights are maps."""
        return mixed_number("paper", self._parts(mix))

    def fade(self, mix: Mapping[str, float]) -> float:
        """How far the photo fades under `mix`, as `merged` has it."""
        return mixed_number("fade", self._parts(mix))

    def _resolve(self, mix: Mix, x: Tensor) -> StyleMix | None:
        if isinstance(mix, str):
            mix = {mix: 1.0}
        if not isinstance(mix, Mapping):
            mix = self._per_picture(mix, x)
        parts = self._parts(mix)
        return StyleMix(parts) if parts else None

    def _per_picture(self, mix: Sequence[str | Mapping[str, float] | None], x: Tensor) -> dict[str, Tensor]:
        if len(mix) != len(x):
            raise UsageError(f"{len(mix)} styles for a batch of {len(x)} pictures; give one for each.")
        weights: dict[str, Tensor] = {}
        for i, entry in enumerate(mix):
            entry = {} if entry is None else {entry: 1.0} if isinstance(entry, str) else entry
            for name, weight in entry.items():
                weights.setdefault(name, torch.zeros(len(x), 1, 1, 1, dtype=x.dtype, device=x.device))
                weights[name][i] = weight
        return weights

    def _parts(self, mix: Mapping[str, Weight]) -> list[tuple[Adapter, Weight]]:
        return [(self._find(name), weight) for name, weight in mix.items()]

    def _find(self, name: str) -> Adapter:
        if name not in self.adapters:
            raise UnknownNameError("style", name, self.adapters)
        return self.adapters[name]
