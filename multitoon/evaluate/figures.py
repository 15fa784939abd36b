"""What `evaluate` finds out, as it is printed and written to JSON."""

from __future__ import annotations

import dataclasses


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


@dataclasses.dataclass(frozen=True)
class StyleFigures:
    """The toons beside pictures of the style, in Inception's 768 features; KID first for few pictures."""

    style_pictures: int
    kid_768: float
    kid_768_photo: float
    """The untouched photos': where a style begins."""
    fid_768: float
    fid_768_photo: float


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
    teacher: TeacherFigures | None = None
    style: StyleFigures | None = None

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
