"""What `evaluate` finds out, as it is printed and written to JSON."""

from __future__ import annotations

import dataclasses

from multitoon.evaluate.lines import Lines


@dataclasses.dataclass(frozen=True)
class Agreement:
    """Correlation of luminance detail with the teacher's (`detail.py`)."""

    toon: float
    photo: float
    """The untouched photo's: where a student begins."""

    @property
    def covered(self) -> float | None:
        """Share of the distance between the photo's correlation and 1 that the toon covers.

        None where the teacher's toons are the photos.
        """
        return (self.toon - self.photo) / (1 - self.photo) if self.photo < 1 else None


@dataclasses.dataclass(frozen=True)
class TeacherFigures:
    """The toons beside the teacher's."""

    detail: Agreement
    """The mean of the photos' own correlations."""
    detail_pooled: Agreement
    """One correlation over the pixels of all photos."""
    color_drift: float
    """The teacher's own drift from the photo."""
    lines: Lines
    """The teacher's own lines."""


@dataclasses.dataclass(frozen=True)
class Gap:
    """A distance from pictures of the style."""

    toon: float
    photo: float
    """The untouched photos': where a style begins."""


@dataclasses.dataclass(frozen=True)
class FeatureGap:
    """Distances in one kind of features of Inception; KID first for fewer than 2,000 pictures."""

    kid: Gap
    fid: Gap


@dataclasses.dataclass(frozen=True)
class StyleFigures:
    """The toons beside pictures of the style."""

    style_pictures: int
    color: Gap
    """Sliced Wasserstein distance of colors, units of L*a*b* (`histogram.py`)."""
    gradient: Gap
    """The same of gradients, levels of 255 per pixel."""
    inception: dict[str, FeatureGap]
    """By name of the features (`inception.py`): `2048` are those of the usual FID, `768` are not. Empty
    without weights."""


@dataclasses.dataclass(frozen=True)
class Score:
    """Inception score with a classifier that has a name (`score.py`)."""

    classifier: str
    toon: float
    photo: float


@dataclasses.dataclass(frozen=True)
class ClipFigures:
    """Change from frame to frame where the photos only move (`flicker.py`), levels of 255."""

    frames: int
    followed: float
    """Share of the blocks that could be followed."""
    flicker: float
    flicker_photo: float


@dataclasses.dataclass(frozen=True)
class NetworkFigures:
    """What a style adds and whether it merges (`cost.py`)."""

    parameters: int
    """Of the merged network."""
    adapter_parameters: int
    backbone_bytes: int
    adapter_bytes: int
    parity: float
    """max |merged - unmerged| on [-1, 1] over one photo."""
    parity_border: float
    """The same over the outermost 16 pixels alone."""


@dataclasses.dataclass(frozen=True)
class CostFigures:
    """Time and memory of a process that draws one photo at its own size; no two runs measure the same."""

    size: tuple[int, int]
    """(H, W) in pixels."""
    threads: int
    milliseconds: float
    """Median of the drawings after the first."""
    peak_megabytes: float | None
    """Of the process, Python and torch included, 10⁶ bytes; None where the system keeps no account."""


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """Means over the photos; of ratios, which few pictures can dominate, medians."""

    toons: str
    """The style that was drawn, or the folder of toons."""
    pictures: int
    side: int
    """Pixels of the squares that were measured."""
    ssim: float
    gradient_similarity: float
    color_drift: float
    """CIEDE2000 between photo and toon, both blurred."""
    border_ratio: float
    """Change in the outermost pixels over change inside: 1 is no border mark."""
    checkerboard: float
    """Power at period 2 over the power around it: 1 is none."""
    checkerboard_photo: float
    flat_share: float
    """Share of pixels that hardly differ from their neighbors."""
    flat_share_photo: float
    lines: Lines
    lines_photo: Lines
    content_distance: float | None = None
    """Distance of VGG19's conv4_4 from the photo's, over the photo's own size (`content.py`)."""
    teacher: TeacherFigures | None = None
    style: StyleFigures | None = None
    score: Score | None = None
    clip: ClipFigures | None = None
    network: NetworkFigures | None = None
    cost: CostFigures | None = None

    @property
    def drift_ratio(self) -> float | None:
        """The toons' drift over the teacher's; None without a teacher that drifts."""
        if self.teacher is None or self.teacher.color_drift == 0:
            return None
        return self.color_drift / self.teacher.color_drift


def to_json(evaluation: Evaluation) -> dict[str, object]:
    """All figures, the derived ones too, ready for JSON."""
    content = dataclasses.asdict(evaluation)
    if evaluation.teacher:
        content["drift_ratio"] = evaluation.drift_ratio
        for name in ("detail", "detail_pooled"):
            content["teacher"][name]["covered"] = getattr(evaluation.teacher, name).covered
    return content
