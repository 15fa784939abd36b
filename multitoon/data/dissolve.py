"""Frames in which one scene shines through another, or that fade to black or white."""

from __future__ import annotations

import numpy as np

from multitoon.data.fingerprint import Fingerprint

APART = 0.04
"""Mean difference in [0, 1] of the frames before and after, below which nothing changes much."""
BETWEEN = (0.08, 0.92)
"""How far a frame has to be on its way from the one to the other to count as a mixture."""
LEFT = 0.15
"""Share of the way that may be left unexplained; of a moving camera's frames it is more than half."""


def is_mixture(before: Fingerprint, frame: Fingerprint, after: Fingerprint) -> bool:
    """Whether `frame` is (1 - α) · `before` + α · `after` for one α all over, as in a dissolve or a fade.

    α is the least-squares one. What moves does not add up like this, what stands still is not `APART`.
    """
    way, here = after.rgb - before.rgb, frame.rgb - before.rgb
    length = float((way**2).sum())
    if float(np.abs(way).mean()) < APART:
        return False
    share = float((way * here).sum()) / length
    rest = float(((here - share * way) ** 2).sum()) / length
    return BETWEEN[0] < share < BETWEEN[1] and rest < LEFT**2
