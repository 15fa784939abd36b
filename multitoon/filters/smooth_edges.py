"""Cartoons with their edges smoothed: what a critic must learn to tell from real ones.

Chen, Lai, Liu, *CartoonGAN*, CVPR 2018, section 3.2.1: clear edges are a small part of a picture, so that a
critic could overlook them. For each cartoon c there is an e that differs from it at its edges only: edges
are found, their regions dilated, and the cartoon is smoothed by a Gaussian inside these regions.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from multitoon.errors import UsageError
from multitoon.filters.gradient import gaussian_blur, luminance, require_positive, sobel


def smooth_edges(x: Tensor, threshold: float = 0.05, radius: int = 2, sigma: float = 1.1) -> Tensor:
    """`x` (B, 3, H, W) in [-1, 1], blurred by a Gaussian where `edge_mask` is 1 and untouched elsewhere.

    Lengths are pixels and do not scale: a crop must be smoothed as the picture that it comes from. The
    defaults are for pictures with a short side of about 256; `radius` and `sigma` are those of the 5×5
    kernels that are customary for this step.

    >>> smooth_edges(torch.rand(2, 3, 32, 32) * 2 - 1).shape
    torch.Size([2, 3, 32, 32])

    Args:
        threshold, radius: see `edge_mask`.
        sigma: of the Gaussian, pixels.

    Raises:
        UsageError: `x` is not (B, 3, H, W), or a parameter is out of range.
    """
    return torch.where(edge_mask(x, threshold, radius) > 0, gaussian_blur(x, sigma), x)


def edge_mask(x: Tensor, threshold: float = 0.05, radius: int = 2) -> Tensor:
    """1 within `radius` pixels (a square) of an edge of `x` (B, 3, H, W), else 0, as (B, 1, H, W).

    An edge is where the Sobel gradient of the luminance is above `threshold`, in luminance [0, 1] per pixel.
    A sharp step of height h has h / 2: 0.05 finds steps of a tenth of the range, as Canny's lower threshold
    of 100 does on 8-bit pictures. Thin edges are not needed, since they are dilated at once.

    Raises:
        UsageError: `x` is not (B, 3, H, W), or a parameter is out of range.
    """
    require_positive(threshold, "threshold")
    if radius < 0:
        raise UsageError(f"radius is {radius}, must be 0 pixels or more.")
    dx, dy = sobel(luminance(x)).unbind(1)
    edges = (torch.hypot(dx, dy) > threshold).to(x.dtype)[:, None]
    return F.max_pool2d(edges, 2 * radius + 1, stride=1, padding=radius)
