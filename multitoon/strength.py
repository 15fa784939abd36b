"""How strongly a style is drawn: up to 1 by scaling its weights, beyond by exaggerating its picture.

Between the backbone's picture and a style's, scaled weights draw what lies between the two. Beyond the style
they soon draw nothing that was ever trained: there the way from the photo to the toon is made longer instead.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from multitoon.errors import UsageError
from multitoon.model.adapter import MAX_STRENGTH


def within(mix: Mapping[str, float], strength: float) -> tuple[dict[str, float], float]:
    """The weights of `mix` at `strength`, at most 1 in sum, and how much their picture is to be exaggerated.

    >>> within({"hayao": 1.0}, 1.5)
    ({'hayao': 1.0}, 1.5)
    >>> within({"hayao": 0.5, "ink": 0.3}, 0.5)
    ({'hayao': 0.25, 'ink': 0.15}, 1.0)

    Raises:
        UsageError: a strength outside [0, 1.5].
    """
    if not (math.isfinite(strength) and 0 <= strength <= MAX_STRENGTH):
        raise UsageError(f"strength is {strength}, must be 0 to {MAX_STRENGTH}.")
    beyond = max(1.0, strength, strength * sum(mix.values()))
    scaled = {name: weight * strength / beyond for name, weight in mix.items()}
    return {name: weight for name, weight in scaled.items() if weight}, beyond


def exaggerated(network: Callable[[Tensor], Tensor], beyond: float | Tensor) -> Callable[[Tensor], Tensor]:
    """`network`, its toons `beyond` times as far from the photo: x + beyond (N(x) - x), in [-1, 1] again.

    `beyond` is a number, or one for each picture, (B, 1, 1, 1). Channels after the third are not the photo's.
    """

    # `lerp` gives its end exactly at 1.
    return lambda x: torch.lerp(x[:, :3], network(x).clamp(-1, 1), beyond)
