"""How blurred a picture is, without another one to compare it with."""

from __future__ import annotations

import numpy as np

TAPS = 9
"""Length of the mean filter that blurs the picture once more; eq. 1 of the paper."""
GRAIN = 0.03
"""Differences between neighbors, of luminance in [0, 1], up to which they may be noise and don't count."""


def blur(gray: np.ndarray) -> float:
    """How blurred `gray` (H, W) in [0, 1] is: about 0.15 for sharp photos, 0.6 for those blurred by 2 pixels.

    A sharp edge loses most of its slope when the picture is blurred, a soft one little:

        b = Σ w min(1, D_blurred / D) / Σ w,   D = |x[i] - x[i-1]|

    along each axis, and the worse of the two, so that a blur by motion counts as well (Crete, Dolmiere,
    Ladret, Nicolas 2007, *The Blur Effect*, eqs. 1 to 7). There w is D. Here it is D², and 0 up to `GRAIN`:
    in the paper's measure, film grain makes any picture sharp. 1 where nothing stands out from the grain.
    """
    return max(_along(gray), _along(gray.T))


def _along(gray: np.ndarray) -> float:
    """The same from row to row."""
    if gray.shape[0] < 2:
        return 1.0
    padded = np.pad(gray, ((TAPS // 2 + 1, TAPS // 2), (0, 0)), mode="edge")
    sums = np.cumsum(padded, 0)
    blurred = (sums[TAPS:] - sums[:-TAPS]) / TAPS
    own, smooth = np.abs(np.diff(gray, axis=0)), np.abs(np.diff(blurred, axis=0))
    own[own <= GRAIN] = 0
    total = float((own**2).sum())
    return float((own * np.minimum(own, smooth)).sum()) / total if total else 1.0
