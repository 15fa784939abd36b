"""Color drift: how far the toon's colors are from the photo's once lines and shades are blurred away."""

from __future__ import annotations

from torch import Tensor

from multitoon.color import delta_e_2000, rgb_to_lab
from multitoon.evaluate.detail import SIGMA
from multitoon.filters.gradient import gaussian_blur


def color_drift(toon: Tensor, photo: Tensor) -> Tensor:
    """Mean CIEDE2000 (B,) between G(toon) and G(photo), both (B, 3, H, W) in [-1, 1].

    G blurs the sRGB values by the Gaussian of `SIGMA` pixels that defines the detail. 1 is about what an eye
    can see, 10 a different color.
    """
    lab_toon, lab_photo = (rgb_to_lab(gaussian_blur(x, SIGMA)) for x in (toon, photo))
    return delta_e_2000(lab_toon, lab_photo).mean((1, 2, 3))
