"""Content: whether the toon still shows what the photo shows."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from multitoon.errors import UsageError
from multitoon.filters.gradient import gaussian_taps, luminance, sobel

WINDOW = 11
"""Side in pixels of SSIM's Gaussian window of 1.5 pixels (Wang et al. 2004)."""
K1, K2 = 0.01, 0.03
"""SSIM's constants: C = (K L)², with L = 1 the range of luminance."""
GMS_CONSTANT = 170 / 255**2 / 4
"""GMS's constant for luminance in [0, 1]; the paper's 170 is for 0 to 255 and gradients twice as large."""


def ssim(toon: Tensor, photo: Tensor) -> Tensor:
    """Structural similarity of luminance (B,) in [-1, 1], for pictures (B, 3, H, W) in [-1, 1].

    (2 m_a m_b + C1) (2 s_ab + C2) / ((m_a² + m_b² + C1) (s_a² + s_b² + C2)), averaged over all windows
    that lie inside the picture (Wang, Bovik, Sheikh, Simoncelli 2004, eq. 13), with population variances.

    Raises:
        UsageError: a picture smaller than the window.
    """
    if min(toon.shape[-2:]) < WINDOW:
        raise UsageError(f"SSIM of {tuple(toon.shape[-2:])} pixels; it needs at least {WINDOW} a side.")
    return ssim_map(toon, photo).mean((1, 2, 3))


def ssim_map(toon: Tensor, photo: Tensor) -> Tensor:
    """The summands of `ssim`, (B, 1, H - 10, W - 10): one for each window that lies inside the picture."""
    a, b = luminance(toon), luminance(photo)
    mean_a, mean_b, mean_aa, mean_bb, mean_ab = (_window_mean(v) for v in (a, b, a * a, b * b, a * b))
    var_a, var_b, covariance = mean_aa - mean_a**2, mean_bb - mean_b**2, mean_ab - mean_a * mean_b
    c1, c2 = K1**2, K2**2
    similarity = (2 * mean_a * mean_b + c1) * (2 * covariance + c2)
    return similarity / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))


def gradient_similarity(toon: Tensor, photo: Tensor) -> Tensor:
    """GMSM (B,) in (0, 1]: mean of (2 g_a g_b + c) / (g_a² + g_b² + c) over gradient magnitudes of luminance.

    Xue, Zhang, Mou, Bovik 2014, eq. 4 and 5, at full size and with Sobel's kernels in place of Prewitt's.
    """
    return gradient_similarity_map(toon, photo).mean((1, 2))


def gradient_similarity_map(toon: Tensor, photo: Tensor) -> Tensor:
    """The summands of `gradient_similarity`, (B, H, W)."""
    g_a, g_b = (torch.linalg.vector_norm(sobel(luminance(x)), dim=1) for x in (toon, photo))
    return (2 * g_a * g_b + GMS_CONSTANT) / (g_a**2 + g_b**2 + GMS_CONSTANT)


def _window_mean(x: Tensor) -> Tensor:
    taps = x.new_tensor(gaussian_taps(1.5, WINDOW // 2))
    return F.conv2d(F.conv2d(x, taps.view(1, 1, 1, -1)), taps.view(1, 1, -1, 1))
