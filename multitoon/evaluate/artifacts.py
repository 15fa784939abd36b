"""What a network leaves behind: border marks and checkerboards; and what a toon should have: flat areas."""

from __future__ import annotations

import torch
from torch import Tensor

from multitoon.errors import UsageError
from multitoon.filters.gradient import luminance, sobel

BORDER = 16
"""Outermost pixels of a 256² picture, where CartoonGAN draws a frame."""
FLAT = 0.005
"""Gradient of luminance in [0, 1] per pixel below which nothing is drawn: about one level of 8 bits."""
PATCH = 64
"""Side in pixels of a patch whose spectrum is taken."""
RING = (4, 8)
"""Frequencies around a peak, in steps of the spectrum, that it is compared with."""


def border_ratio(toon: Tensor, photo: Tensor) -> Tensor:
    """Mean |toon - photo| in the outermost 16 pixels over that of the interior, (B,); 1 is no border mark.

    Pictures (B, 3, H, W) in [-1, 1]. Where the interior is the photo itself, the ratio is 1 if the border is
    too, and infinite otherwise.

    Raises:
        UsageError: a picture without interior.
    """
    _require_side(toon, 2 * BORDER + 1, "The border's error")
    change = (toon - photo).abs().mean(1)  # (B, H, W)
    inside = change[:, BORDER:-BORDER, BORDER:-BORDER]
    total, inner = change.sum((1, 2)), inside.sum((1, 2))
    frame = (total - inner).clamp_min(0) / (change[0].numel() - inside[0].numel())
    interior = inner / inside[0].numel()
    return torch.where(total > 0, frame / interior, 1.0)


def checkerboard(x: Tensor) -> Tensor:
    """Power at period 2 over the power around it, (B,), the largest of three directions; 1 is none.

    Strided and transposed convolutions leave a pattern of period 2 (Odena, Dumoulin, Olah 2016): a peak at
    (pi, 0), (0, pi) or (pi, pi) of the spectrum, where lines and grain have none. The spectrum is the mean
    over half-overlapping patches of `PATCH`² of the luminance of `x` (B, 3, H, W), each under a Hann window
    (Welch 1967); a peak is compared with the mean of the ring of frequencies 4 to 8 steps away.

    Raises:
        UsageError: a picture smaller than a patch.
    """
    _require_side(x, PATCH, "The checkerboard")
    patches = luminance(x)[:, 0].unfold(1, PATCH, PATCH // 2).unfold(2, PATCH, PATCH // 2)
    window = torch.hann_window(PATCH, periodic=False, dtype=x.dtype)
    patches = (patches - patches.mean((-2, -1), keepdim=True)) * torch.outer(window, window)
    power = (torch.fft.fft2(patches).abs() ** 2).mean((1, 2))  # (B, PATCH, PATCH)
    nyquist = PATCH // 2
    peaks = ((0, nyquist), (nyquist, 0), (nyquist, nyquist))
    return torch.stack([_peak_ratio(power, v, u) for v, u in peaks]).amax(0)


def flat_share(x: Tensor) -> Tensor:
    """Share (B,) of pixels of `x` (B, 3, H, W) whose gradient of luminance is below `FLAT`."""
    return (torch.linalg.vector_norm(sobel(luminance(x)), dim=1) < FLAT).to(x.dtype).mean((1, 2))


def _peak_ratio(power: Tensor, v: int, u: int) -> Tensor:
    near, far = RING
    around = power.roll((far - v, far - u), (1, 2))[:, : 2 * far + 1, : 2 * far + 1]
    distance = (torch.arange(2 * far + 1) - far).abs()
    distance = torch.maximum(distance[:, None], distance[None])
    peak, ring = around[:, distance <= 1].mean(1), around[:, distance >= near].mean(1)
    return torch.where(ring > 0, peak / ring.clamp_min(torch.finfo(ring.dtype).tiny), 1.0)


def _require_side(x: Tensor, side: int, what: str) -> None:
    if min(x.shape[-2:]) < side:
        raise UsageError(f"{what} of {tuple(x.shape[-2:])} pixels; it needs at least {side} a side.")
