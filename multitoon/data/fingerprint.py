"""What a picture looks like in 64 bits and 32 x 32 pixels: enough to say whether two show the same.

Two views have to agree. The hash holds the signs of the 63 lowest frequencies (a perceptual hash as of
Zauner 2010, *Implementation and Benchmarking of Perceptual Image Hash Functions*, section 3.2.1); copies of
another size, quality or brightness keep it. Skies over a flat horizon share it too, so the small pictures,
with mean and contrast taken out, must also correlate.
"""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
from PIL import Image

SIDE = 32
"""Pixels a side of the small picture; its proportions are given up."""
LOW = 8
"""Frequencies a side that the hash holds."""
MAX_BITS = 12
"""Bits of 63 in which the hashes of two copies may differ; those of two unlike pictures differ in 32."""
MIN_CORRELATION = 0.9
"""Of the two small pictures, 1 where one is the other, brighter or of more contrast."""
BLANK = 0.02
"""Standard deviation of luminance in [0, 1] below which there is nothing to see, and no hash to trust."""
MIDDLE = 0.6
"""Share of each side that is the middle of a picture."""
ZOOMS = (0.8, 0.9, 1.0, 1.1, 1.2)
"""Sizes of the middle, relative to the other picture's, that are tried."""
ROWS = 512
"""Pictures that are compared with all others at once."""


@dataclasses.dataclass(frozen=True)
class Fingerprint:
    """A picture, small."""

    rgb: np.ndarray
    """(SIDE, SIDE, 3) float32 in [0, 1]."""
    signs: np.ndarray
    """(LOW² - 1,) float32 of -1 and 1: the hash."""

    @functools.cached_property
    def gray(self) -> np.ndarray:
        """(SIDE, SIDE) luminance in [0, 1], BT.601."""
        return self.rgb @ np.array([0.299, 0.587, 0.114], np.float32)

    @functools.cached_property
    def shape(self) -> np.ndarray:
        """(SIDE²,) `gray` without its mean, of length 1; zeros where the picture is one gray."""
        centered = (self.gray - self.gray.mean()).ravel()
        length = float(np.linalg.norm(centered))
        return centered / length if length > 1e-6 else np.zeros_like(centered)

    @property
    def blank(self) -> bool:
        """Whether there is nothing to see."""
        return float(self.gray.std()) < BLANK

    def same(self, other: Fingerprint) -> bool:
        """Whether both pictures show the same; never for blank ones."""
        return bool(_alike(self.signs[None], self.shape[None], other.signs[None], other.shape[None])[0, 0])


def fingerprint(image: Image.Image) -> Fingerprint:
    """The fingerprint of a picture of any size, taken as RGB.

    >>> fingerprint(Image.new("RGB", (64, 48), "navy")).blank
    True
    """
    image = image if image.mode == "RGB" else image.convert("RGB")
    small = image.resize((SIDE, SIDE), Image.Resampling.BOX, reducing_gap=2.0)
    rgb = np.asarray(small, np.float32) / 255
    gray = rgb @ np.array([0.299, 0.587, 0.114], np.float32)
    waves = _cosines()
    low = (waves @ gray @ waves.T).ravel()[1:]  # without the mean
    return Fingerprint(rgb, np.where(low > 0, 1, -1).astype(np.float32))


def panned(print: Fingerprint, other: Fingerprint) -> bool:
    """Whether the middle of `print` is somewhere in `other`: a camera that turned or closed in."""
    side = round(MIDDLE * SIDE)
    windows = np.lib.stride_tricks.sliding_window_view(other.gray, (side, side)).reshape(-1, side * side)
    windows = windows - windows.mean(1, keepdims=True)
    lengths = np.linalg.norm(windows, axis=1)
    for zoom in ZOOMS:
        wide = round(zoom * side)
        first = (SIDE - wide) // 2
        middle = Image.fromarray(print.gray[first : first + wide, first : first + wide])
        part = np.asarray(middle.resize((side, side), Image.Resampling.BILINEAR)).ravel()
        part = part - part.mean()
        if part.std() < BLANK:
            return False  # found everywhere
        match = windows @ part / np.maximum(lengths * np.linalg.norm(part), 1e-6)
        if match.max() >= MIN_CORRELATION:
            return True
    return False


def same_pairs(prints: list[Fingerprint]) -> list[tuple[int, int]]:
    """All i < j whose pictures show the same. Time grows with the square: 0.3 s for 2,000."""
    if not prints:
        return []
    signs = np.stack([p.signs for p in prints])
    shapes = np.stack([p.shape for p in prints])
    pairs = []
    for start in range(0, len(prints), ROWS):
        part = slice(start, start + ROWS)
        rows, columns = np.nonzero(_alike(signs[part], shapes[part], signs, shapes))
        pairs += [(int(i) + start, int(j)) for i, j in zip(rows, columns, strict=True) if i + start < j]
    return pairs


def groups(count: int, pairs: list[tuple[int, int]]) -> list[list[int]]:
    """Those of `count` things that `pairs` connect, also by way of others, as sorted lists of two or more."""
    leader = list(range(count))

    def find(i: int) -> int:
        while leader[i] != i:
            leader[i] = leader[leader[i]]
            i = leader[i]
        return i

    for i, j in pairs:
        leader[find(j)] = find(i)
    found: dict[int, list[int]] = {}
    for i in range(count):
        found.setdefault(find(i), []).append(i)
    return [members for members in found.values() if len(members) > 1]


def _alike(signs: np.ndarray, shapes: np.ndarray, others: np.ndarray, other_shapes: np.ndarray) -> np.ndarray:
    """(N, M) of bool; the product of two rows of signs is 63 - 2 × the bits that differ."""
    near = signs @ others.T >= signs.shape[1] - 2 * MAX_BITS
    return near & (shapes @ other_shapes.T >= MIN_CORRELATION)


@functools.cache
def _cosines() -> np.ndarray:
    """(LOW, SIDE) the lowest rows of the discrete cosine transform (DCT-II), unscaled."""
    k, n = np.mgrid[0:LOW, 0:SIDE]
    return np.cos(np.pi * k * (n + 0.5) / SIDE).astype(np.float32)
