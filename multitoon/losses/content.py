"""The content loss: the toon shows what the photo shows, as a feature network sees it."""

from __future__ import annotations

from torch import Tensor


def content_loss(toon: Tensor, photo: Tensor) -> Tensor:
    """mean |phi(toon) - phi(photo)| of maps (B, C, H, W) (CartoonGAN, eq. 5; LWComicGAN, eq. 3).

    phi is VGG19's conv4_4 in both papers. The same distance between toon and target, instead of photo, is a
    perceptual distillation.
    """
    return (toon - photo).abs().mean()
