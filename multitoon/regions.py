"""A style per region: masks as shares of styles, for every pixel of a picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PIL import Image, ImageChops
from torch import Tensor

from multitoon.errors import UsageError
from multitoon.model.toon import StyledBackbone
from multitoon.pixels import rgb_and_alpha

ASPECT_TOLERANCE = 0.02
"""Relative difference of width / height up to which a mask counts as one of the same picture."""


def mask_of(image: Image.Image, size_wh: tuple[int, int]) -> Image.Image:
    """A picture of any mode as a mask of `size_wh`, mode L, where transparent parts are black.

    Raises:
        UsageError: the picture has another shape than `size_wh`.
    """
    rgb, alpha = rgb_and_alpha(image)
    gray = rgb.convert("L") if alpha is None else ImageChops.multiply(rgb.convert("L"), alpha)
    if gray.size == size_wh:
        return gray
    aspect, wanted = gray.width / gray.height, size_wh[0] / size_wh[1]
    if abs(aspect / wanted - 1) > ASPECT_TOLERANCE:
        raise UsageError(
            f"The mask has {gray.width}x{gray.height} pixels, the photo {size_wh[0]}x{size_wh[1]}.",
            "A mask needs the photo's shape.",
        )
    return gray.resize(size_wh, Image.Resampling.BILINEAR)


def by_region(
    network: StyledBackbone, outside: Mapping[str, float], inside: Sequence[str], strength: float
) -> Callable[[Tensor], Tensor]:
    """`network` as a function of a photo and its masks together, (B, 3 + len(inside), H, W) in [-1, 1].

    Every pixel is drawn in its own mix (`mixed_by_region`).
    """
    return lambda x: network(x[:, :3], mixed_by_region(x[:, 3:], outside, inside, strength))


def mixed_by_region(
    masks: Tensor, outside: Mapping[str, float], inside: Sequence[str], strength: float
) -> dict[str, Tensor]:
    """The weight of each style at each pixel, (B, 1, H, W), from `masks` (B, len(inside), H, W) in [-1, 1].

    With m_k the mask of style k in [0, 1] and M = max(1, sum m_k), so that masks which overlap share:

        w_k = strength * m_k / M   inside,   and (1 - sum m_k / M) times the weights of `outside`.
    """
    shares = (masks + 1) / 2
    shares = shares / shares.sum(1, keepdim=True).clamp_min(1)
    rest = 1 - shares.sum(1, keepdim=True)
    mix: dict[str, Tensor] = {name: weight * rest for name, weight in outside.items()}
    for i, name in enumerate(inside):
        mix[name] = mix.get(name, 0) + strength * shares[:, i : i + 1]
    return mix
