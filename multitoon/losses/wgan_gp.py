"""The Wasserstein objective with a gradient penalty (Gulrajani et al. 2017; LWComicGAN, eq. 2)."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

PENALTY = 10.0
"""lambda in the equations: the paper's value."""


def wgan_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """E[D(fake)] - E[D(real)], for score maps of any shape; the gradient penalty comes on top."""
    return fake.mean() - real.mean()


def wgan_generator(fake: Tensor) -> Tensor:
    """-E[D(fake)]."""
    return -fake.mean()


def gradient_penalty(score: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor, share: Tensor) -> Tensor:
    """E[(||d D(x) / d x|| - 1)^2] at x = share * real + (1 - share) * fake, to be weighted with `PENALTY`.

    A picture's score is the mean of its map, the norm is over all of its pixels.

    Args:
        score: pictures (B, 3, H, W) to a map of scores (B, 1, H', W').
        share: (B, 1, 1, 1), uniform in [0, 1].
    """
    x = (share * real + (1 - share) * fake).detach().requires_grad_(True)
    total = score(x).flatten(1).mean(1).sum()
    (gradient,) = torch.autograd.grad(total, x, create_graph=True)
    return (gradient.flatten(1).norm(dim=1) - 1).square().mean()
