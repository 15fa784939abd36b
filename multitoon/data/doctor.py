"""What is wrong with the folders that a style is to be trained on, and what to do about it."""

from __future__ import annotations

import dataclasses
from collections import Counter
from pathlib import Path
from typing import Literal

import numpy as np

from multitoon.data.fingerprint import groups, same_pairs
from multitoon.data.hue import hue_name
from multitoon.data.picture_files import SUFFIXES
from multitoon.data.survey import METADATA, Picture, Survey, survey
from multitoon.errors import ImageReadError

FEW = {"style images": 50, "photos": 100}
"""Fewer pictures than this still train, but the critic learns them by heart."""
TINY = 128
"""Shorter side in pixels below which a picture holds less than one training crop."""
SHIFT = 0.15
"""Difference of mean luminance, in [0, 1], that the toons would take over."""
TINT = 0.04
"""Distance of mean (U, V) that shows as a tint over everything."""
GRAY = 0.4
"""Share of the photos' colorfulness below which a style is one in black and white, or nearly."""


@dataclasses.dataclass(frozen=True)
class Problem:
    """One thing to fix, or to know."""

    severity: Literal["error", "warning"]
    """An error stops a training; a warning makes the style worse."""
    text: str
    hint: str
    files: tuple[str, ...] = ()
    """What it is about; of duplicates all but the one to keep."""


@dataclasses.dataclass(frozen=True)
class Facts:
    """A folder in numbers."""

    role: Literal["style images", "photos"]
    folder: str
    count: int
    """Readable pictures."""
    damaged: int
    shorter_side: tuple[int, int, int] | None = None
    """Smallest, median and largest, in pixels."""
    brightness: float | None = None
    """Mean luminance, 0 black to 1 white."""
    colorfulness: float | None = None
    """Mean length of (U, V): 0 gray, about 0.1 for photos."""
    licenses: dict[str, int] | None = None
    """Pictures by license; None without metadata.jsonl."""


@dataclasses.dataclass(frozen=True)
class Report:
    """What `inspect_folders` found."""

    folders: tuple[Facts, ...]
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that stop a training."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """The other ones."""
        return tuple(problem for problem in self.problems if problem.severity == "warning")


def inspect_folders(style_images: Path | None, photos: Path | None) -> Report:
    """Look at every picture of a style's folder, of a folder of photos, or of both beside each other.

    A folder that is missing is a problem in the report, not an exception.

    Raises:
        ConfigError: a metadata.jsonl that is no JSON lines with `file_name`.
    """
    facts: list[Facts] = []
    problems: list[Problem] = []
    surveys: dict[str, Survey] = {}
    for role, folder in (("style images", style_images), ("photos", photos)):
        if folder is None:
            continue
        try:
            surveys[role] = survey(Path(folder))
        except ImageReadError as error:
            facts.append(Facts(role, str(folder), 0, 0))
            problems.append(Problem("error", f"The folder of {role} can't be read: {error}", error.hint))
            continue
        facts.append(_facts(role, surveys[role]))
        problems += [
            *_unusable(role, surveys[role]),
            *_repeated(role, surveys[role]),
            *_unlicensed(role, surveys[role]),
        ]
    if len(surveys) == 2 and all(found.pictures for found in surveys.values()):
        problems += _shared(surveys["style images"], surveys["photos"])
        problems += _colors(surveys["style images"], surveys["photos"])
    return Report(tuple(facts), tuple(sorted(problems, key=lambda problem: problem.severity)))


def _facts(role: str, found: Survey) -> Facts:
    if not found.pictures:
        return Facts(role, str(found.folder), 0, len(found.damaged))
    sides = sorted(min(picture.size_wh) for picture in found.pictures)
    licenses = None
    if found.licenses is not None:
        names = [found.licenses.get(_name(picture, found), "") for picture in found.pictures]
        licenses = dict(Counter(name or "none given" for name in names).most_common())
    return Facts(
        role,
        str(found.folder),
        len(found.pictures),
        len(found.damaged),
        (sides[0], sides[len(sides) // 2], sides[-1]),
        round(found.brightness, 3),
        round(found.colorfulness, 3),
        licenses,
    )


def _unusable(role: str, found: Survey) -> list[Problem]:
    """Files that cannot be trained on, and too few of those that can."""
    problems = []
    if found.damaged:
        reason = next(iter(found.damaged.values()))
        problems.append(
            Problem(
                "error",
                f"{_count(len(found.damaged), 'file')} of the {role} can't be read, such as: {reason}",
                "Delete them or copy them again.",
                tuple(str(path) for path in found.damaged),
            )
        )
    if not found.pictures:
        if not found.damaged:
            text = f"{found.folder} holds no pictures."
            problems.append(Problem("error", text, f"Pictures end in {', '.join(SUFFIXES)}."))
        return problems
    blank = [picture for picture in found.pictures if picture.print.blank]
    if blank:
        text = f"{_count(len(blank), 'picture')} of the {role} {_are(len(blank))} blank: one color all over."
        problems.append(Problem("warning", text, "Delete them.", _paths(blank)))
    tiny = [picture for picture in found.pictures if min(picture.size_wh) < TINY]
    if tiny:
        width, height = min((picture.size_wh for picture in tiny), key=min)
        problems.append(
            Problem(
                "warning",
                f"{_count(len(tiny), 'picture')} of the {role} {_are(len(tiny))} smaller than {TINY} pixels "
                f"on the shorter side, down to {width}x{height}: training would blow them up.",
                "Delete them or find larger ones; 256 pixels and more are good.",
                _paths(tiny),
            )
        )
    if len(found.pictures) < FEW[role]:
        more = "multitoon frames FILM takes them from a film." if role == "style images" else "Add some more."
        text = f"There are only {_count(len(found.pictures), 'picture')} among the {role}; {FEW[role]} or"
        problems.append(Problem("warning", f"{text} more make a style that holds on photos unseen.", more))
    return problems


def _repeated(role: str, found: Survey) -> list[Problem]:
    """Copies within a folder, exact ones and those of another size, quality or brightness."""
    by_digest: dict[str, list[Picture]] = {}
    for picture in found.pictures:
        by_digest.setdefault(picture.digest, []).append(picture)
    exact = [copy for copies in by_digest.values() for copy in copies[1:]]
    problems = []
    if exact:
        text = f"{_count(len(exact), 'file')} of the {role} {_repeat(len(exact))} others byte for byte."
        problems.append(Problem("warning", text, "Delete these.", _paths(exact)))
    once = [copies[0] for copies in by_digest.values() if not copies[0].print.blank]
    alike = [[once[i] for i in members] for members in groups(len(once), same_pairs([p.print for p in once]))]
    # The largest of each group is the one to keep.
    spare = [
        copy for group in alike for copy in sorted(group, key=lambda p: -p.size_wh[0] * p.size_wh[1])[1:]
    ]
    if spare:
        text = f"{_count(len(spare), 'picture')} of the {role} nearly {_repeat(len(spare))} others"
        text += f", such as {alike[0][1].path.name} and {alike[0][0].path.name}."
        problems.append(
            Problem("warning", text, "Delete these; the largest of each kind stays.", _paths(spare))
        )
    return problems


def _unlicensed(role: str, found: Survey) -> list[Problem]:
    if found.licenses is None:
        return []
    problems = []
    without = [picture for picture in found.pictures if not found.licenses.get(_name(picture, found))]
    if without:
        text = (
            f"{_count(len(without), 'picture')} of the {role} {_have(len(without))} no license in {METADATA}."
        )
        hint = 'Give each a line such as {"file_name": "a.jpg", "license": "CC0"}.'
        problems.append(Problem("warning", text, hint, _paths(without)))
    gone = sorted(name for name in found.licenses if not (found.folder / name).is_file())
    if gone:
        text = (
            f"{found.folder / METADATA} names {_count(len(gone), 'file')} that {_are(len(gone))} not there."
        )
        problems.append(Problem("warning", text, "Delete these lines or bring the files back.", tuple(gone)))
    return problems


def _shared(style_images: Survey, photos: Survey) -> list[Problem]:
    """Pictures that stand in both sets: a critic can't tell them apart."""
    styles, others = (
        [picture for picture in found.pictures if not picture.print.blank] for found in (style_images, photos)
    )
    pairs = same_pairs([picture.print for picture in [*styles, *others]])
    across = sorted({j - len(styles) for i, j in pairs if i < len(styles) <= j})
    if not across:
        return []
    twice = [others[j] for j in across]
    text = f"{_count(len(twice), 'photo')} {_are(len(twice))} also among the style images, or nearly so"
    hint = "Delete them from one of the two folders: a picture can't be both photo and toon."
    return [Problem("warning", f"{text}, such as {twice[0].path.name}.", hint, _paths(twice))]


def _colors(style_images: Survey, photos: Survey) -> list[Problem]:
    """Where the whole style lies elsewhere than the photos, toons will be drawn there."""
    problems = []
    shift = style_images.brightness - photos.brightness
    if abs(shift) > SHIFT:
        text = (
            f"The style images are {'lighter' if shift > 0 else 'darker'} than the photos: mean brightness "
            f"{style_images.brightness:.2f} against {photos.brightness:.2f}. Toons will be, too."
        )
        hint = "If that is not the style, choose pictures or photos of like light, or raise the color loss."
        problems.append(Problem("warning", text, hint))
    if style_images.colorfulness < GRAY * photos.colorfulness:
        text = (
            f"The style images are almost gray: colorfulness {style_images.colorfulness:.3f} against "
            f"{photos.colorfulness:.3f} of the photos. Toons will lose their color."
        )
        hint = "If that is not the style, choose pictures with color, or draw with --preserve-color."
        return [*problems, Problem("warning", text, hint)]
    lean = style_images.chroma_uv - photos.chroma_uv
    if np.linalg.norm(lean) > TINT:
        text = (
            f"The style images lean toward {hue_name(lean)}: their mean color is {np.linalg.norm(lean):.3f} "
            f"from that of the photos in (U, V). Toons will take the tint."
        )
        hint = "If that is not the style, leave such pictures out, or raise the color loss."
        problems.append(Problem("warning", text, hint))
    return problems


def _name(picture: Picture, found: Survey) -> str:
    return picture.path.relative_to(found.folder).as_posix()


def _paths(pictures: list[Picture]) -> tuple[str, ...]:
    return tuple(str(picture.path) for picture in pictures)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _have(number: int) -> str:
    return "has" if number == 1 else "have"


def _repeat(number: int) -> str:
    return "repeats" if number == 1 else "repeat"
