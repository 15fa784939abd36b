"""Names for the direction in which colors lean."""

from __future__ import annotations

import math
from collections.abc import Sequence

HUES = {
    "red": (1, 0, 0),
    "orange": (1, 0.5, 0),
    "yellow": (1, 1, 0),
    "green": (0, 1, 0),
    "cyan": (0, 1, 1),
    "blue": (0, 0, 1),
    "violet": (0.5, 0, 1),
    "magenta": (1, 0, 1),
}
"""RGB of each name at full saturation."""


def hue_name(uv: Sequence[float]) -> str:
    """The key of `HUES` whose angle in the BT.601 (U, V) plane is nearest to that of `uv`.

    >>> hue_name((0.1, -0.02))
    'blue'
    """
    angle = math.atan2(uv[1], uv[0])
    return min(HUES, key=lambda name: abs(math.remainder(_angle(*HUES[name]) - angle, math.tau)))


def _angle(red: float, green: float, blue: float) -> float:
    gray = 0.299 * red + 0.587 * green + 0.114 * blue
    return math.atan2(0.877 * (red - gray), 0.492 * (blue - gray))
