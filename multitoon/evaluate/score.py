"""Inception score: whether a classifier is sure what each toon shows, and sees different things in them.

    IS = exp(mean_x KL(p(y|x) || p(y))),   p(y) = mean_x p(y|x)         (Salimans et al. 2016, section 4)

It says nothing about style. Its value depends on the classifier, and cannot exceed the number of pictures;
values made by others with Inception and thousands of pictures are not comparable.
"""

from __future__ import annotations

import torch
from torch import Tensor

from multitoon.errors import UsageError


def inception_score(probabilities: Tensor) -> float:
    """IS of rows (N, classes) that sum to 1, all at once: no splits, no chance; between 1 and N.

    Raises:
        UsageError: no rows, or not a matrix.
    """
    if probabilities.ndim != 2 or len(probabilities) == 0:
        raise UsageError(f"Probabilities of {tuple(probabilities.shape)}; wanted (N, classes), N at least 1.")
    p = probabilities.double()
    # xlogy(0, 0) is 0, as the limit is.
    entropy = torch.special.xlogy(p, p).sum(1) - torch.special.xlogy(p, p.mean(0)).sum(1)
    # Rounding can take a divergence a hair below zero.
    return entropy.mean().clamp_min(0).exp().item()
