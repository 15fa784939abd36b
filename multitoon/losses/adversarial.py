"""The least-squares adversarial objective (Mao et al. 2017) and feature matching (Wang et al. 2018)."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor


def lsgan_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """E[(D(real) - 1)^2] + E[D(fake)^2], for score maps of any shape."""
    return (real - 1).square().mean() + fake.square().mean()


def lsgan_generator(fake: Tensor) -> Tensor:
    """E[(D(fake) - 1)^2]."""
    return (fake - 1).square().mean()


def feature_matching(real: Sequence[Tensor], fake: Sequence[Tensor]) -> Tensor:
    """Mean over the discriminator's layers of the L1 distance between their maps (pix2pixHD, eq. 4)."""
    return sum((r.detach() - f).abs().mean() for r, f in zip(real, fake, strict=True)) / len(real)
