"""Where one shot ends and the next begins, found while the frames go by."""

from __future__ import annotations

import dataclasses

import numpy as np

from multitoon.data.fingerprint import Fingerprint

BINS = 6
"""Steps of each of R, G and B that colors are counted in."""
COLORS = 0.35
"""Share of the pixels that have to change their color: a moving camera shows the same ones elsewhere."""
PLACES = 0.08
"""Mean difference of the small pictures, in [0, 1], below which nothing has changed much anywhere."""
SUDDEN = 2.5
"""How many times the usual difference from frame to frame a cut is: a fast pan has large ones all along."""
STILL = 0.004
"""Difference that noise alone makes."""
SHARP = 8.0
"""The same where the colors stay: from one forest to another."""
MEMORY = 0.7
"""What a frame counts less than the next one in the usual difference."""


@dataclasses.dataclass
class Cuts:
    """Ask `begins` of each frame in turn."""

    last: Fingerprint | None = None
    usual: float | None = None
    """Difference from frame to frame as it has been lately; None at the beginning of a shot."""
    motion: float = 0.0
    """Mean difference in [0, 1] of the last frame from the one before, 0 at the beginning of a shot."""

    def begins(self, frame: Fingerprint) -> bool:
        """Whether `frame` is the first of a shot."""
        before, self.last = self.last, frame
        if before is None:
            return True
        places = float(np.abs(frame.rgb - before.rgb).mean())
        # A shot's first difference tells how fast the camera moves: it is compared with itself, and is no cut
        # unless the colors change as well.
        sudden = places / max(places if self.usual is None else self.usual, STILL)
        cut = places > PLACES and (
            sudden > SHARP or ((sudden > SUDDEN or self.usual is None) and _recolored(frame, before) > COLORS)
        )
        self.motion = 0.0 if cut else places
        if cut:
            self.usual = None
        else:
            self.usual = MEMORY * (places if self.usual is None else self.usual) + (1 - MEMORY) * places
        return cut


def _recolored(frame: Fingerprint, before: Fingerprint) -> float:
    """The share of pixels in [0, 1] whose color the other frame does not have."""
    return 1 - float(np.minimum(_colors(frame), _colors(before)).sum())


def _colors(frame: Fingerprint) -> np.ndarray:
    """(BINS³,) the share of each color. Pixels count toward the two nearest steps, so that light may sway."""
    share = np.zeros(BINS**3)
    steps = frame.rgb.reshape(-1, 3) * (BINS - 1)
    low = np.floor(steps).clip(0, BINS - 2).astype(int)
    rest = steps - low
    for corner in np.ndindex(2, 2, 2):
        index = ((low + corner) * (BINS**2, BINS, 1)).sum(1)
        np.add.at(share, index, np.where(corner, rest, 1 - rest).prod(1))
    return share / len(steps)
