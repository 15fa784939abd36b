"""Still pictures from a film: one of each moment that shows something new and is sharp, spread over the film.

LWComicGAN's ink set was made by *automatic frame interception* from a film (Yang et al., section on data),
which is not described further. Here, on small copies of a few frames a second, shots are told apart and cut
into short moments. Black, blank and title frames fall out, and of each moment all but its best frame; then
moments that are blurred all over, those that repeat another one, and last what exceeds the wanted number,
every part of the film giving up as much. Only the chosen frames are then read at full size.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections import Counter, deque
from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image

from multitoon.data.blur import blur
from multitoon.data.cuts import Cuts
from multitoon.data.dissolve import is_mixture
from multitoon.data.film import Film, upright
from multitoon.data.fingerprint import Fingerprint, fingerprint, panned, same_pairs
from multitoon.data.letterbox import Letterbox, cropped
from multitoon.data.titles import no_scene
from multitoon.errors import UsageError

LOOKS = 8.0
"""Frames a second that are looked at."""
SIDE = 320
"""Longer side in pixels at which they are."""
BLURRED = 0.43
"""`blur` above which a frame is dropped: few photos have more, all that are blurred over 2 pixels."""
MOMENT = (0.25, 2.0)
"""Seconds of a shot that give one picture: at most the second, fewer in a film that has few of them."""
THUMB = 64
"""Pixels a side of what is remembered of a frame."""
AROUND = 3
"""Frames before and after, of `LOOKS` a second, that a frame is compared with to find dissolves."""
CANDIDATES = 4096
"""Moments that are remembered, 12 KB each; beyond, of every two neighbors the less good one is forgotten."""
COMPARED = 6
"""Pictures of the same shot, the nearest in time, that a picture must show something else than."""
OTHERS = "another of the moment is better"
"""The reason that most frames fall out for."""


@dataclasses.dataclass(frozen=True)
class Still:
    """A frame that might be taken."""

    seconds: float
    """From the beginning of the film."""
    shot: int
    """Number of its shot, from 0."""
    blur: float
    score: float
    """Sharpness and contrast, less motion: the higher, the better a picture."""
    small: np.ndarray = dataclasses.field(repr=False)
    """(THUMB, THUMB, 3) uint8: the whole frame with its bars, its proportions given up."""


@dataclasses.dataclass(frozen=True)
class Choice:
    """The chosen frames, and what became of the others."""

    stills: list[Still]
    """In the order of the film."""
    box: tuple[float, float, float, float]
    """The picture between black bars: left, top, right and bottom as shares of width and height."""
    looked_at: int
    """Frames, `LOOKS` a second."""
    shots: int
    dropped: dict[str, int]
    """Frames by the reason why they were not taken; with `stills` they add up to `looked_at`."""


def choose(
    film: Film,
    count: int,
    start: float = 0.0,
    stop: float | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> Choice:
    """The best `count` frames of `film` from second `start` to `stop`, or all good ones if these are fewer.

    Args:
        on_progress: called with the second that was reached, for every frame that is looked at.

    Raises:
        UsageError: a count below 1, or no frame from `start` to `stop`.
        FilmReadError: not one frame of the film can be decoded.
    """
    if count < 1:
        raise UsageError(f"count is {count}, must be at least 1 picture.")
    end = stop if stop is not None else film.seconds
    longest = MOMENT[1] if end is None else np.clip((end - start) / (4 * count), *MOMENT)
    box, dropped, moments, seen = Letterbox(), Counter(), [], 0
    shot, begun = -1, 0.0
    for look in _looks(film, start, stop, box):
        seen += 1
        shot += look.begins
        still = dataclasses.replace(look.still, shot=shot)
        if on_progress:
            on_progress(look.seconds)
        if look.reason:
            dropped[look.reason] += 1
        elif moments and moments[-1].shot == shot and look.seconds - begun < longest:
            dropped[OTHERS] += 1
            moments[-1] = max(moments[-1], still, key=lambda s: s.score)
        else:
            begun = look.seconds
            moments.append(still)
        if len(moments) > CANDIDATES:
            moments = _best_of_each(moments, CANDIDATES // 2)
            dropped[OTHERS] += CANDIDATES + 1 - len(moments)
    if not seen:
        hint = f"It is {film.seconds:.1f} seconds long." if film.seconds else ""
        raise UsageError(f"{film.path} has no picture from second {start:g} on.", hint)
    sharp = [still for still in moments if still.blur <= BLURRED]
    new = _without_repeats(sharp, box)
    chosen = _best_of_each(new, count)
    dropped["blurred"] = len(moments) - len(sharp)
    dropped["nearly the same as another"] = len(sharp) - len(new)
    dropped[f"not among the best {count}"] = len(new) - len(chosen)
    reasons = {reason: number for reason, number in dropped.most_common() if number}
    return Choice(chosen, box.box(), seen, shot + 1, reasons)


def pictures(film: Film, choice: Choice, max_side: int | None = None) -> Iterator[tuple[Still, Image.Image]]:
    """The chosen frames as RGB pictures, upright and without bars, in the order of the film.

    Args:
        max_side: longer side of the whole frame in pixels to scale down to.
    """
    times = [still.seconds for still in choice.stills]
    for still, (_, frame) in zip(choice.stills, film.frames_at(times), strict=False):
        yield still, Image.fromarray(np.ascontiguousarray(cropped(upright(frame, max_side), choice.box)))


@dataclasses.dataclass
class _Look:
    """A frame that was looked at."""

    seconds: float
    begins: bool
    """A shot."""
    reason: str
    """Why it is dropped at once, or empty."""
    still: Still
    print: Fingerprint
    """Of the whole frame."""


def _looks(film: Film, start: float, stop: float | None, box: Letterbox) -> Iterator[_Look]:
    """`LOOKS` frames a second, each once it is known whether the next ones shine through it."""
    waiting: deque[_Look] = deque(maxlen=2 * AROUND + 1)
    for look in _single_looks(film, start, stop, box):
        waiting.append(look)
        if len(waiting) == 2 * AROUND + 1:
            middle = waiting[AROUND]
            if not middle.reason and is_mixture(waiting[0].print, middle.print, waiting[-1].print):
                middle.reason = "in a dissolve or fade"
            yield waiting[0]
    yield from list(waiting)[1:] if len(waiting) == 2 * AROUND + 1 else waiting


def _single_looks(film: Film, start: float, stop: float | None, box: Letterbox) -> Iterator[_Look]:
    cuts, due = Cuts(), -1.0
    for seconds, frame in film.frames(start, stop):
        if seconds < due:
            continue
        due = seconds + 1 / LOOKS - 0.5 / float(film.rate)
        rgb = upright(frame, SIDE)
        gray = rgb @ np.array([0.299, 0.587, 0.114], np.float32) / 255
        reason = no_scene(cropped(gray, box.box())) or ""
        if not reason:
            box.add(gray)
        inner = cropped(gray, box.box())
        small = Image.fromarray(rgb).resize((THUMB, THUMB), Image.Resampling.BOX)
        look = fingerprint(small)
        begins, soft = cuts.begins(look), blur(inner)
        score = 1 - soft + float(inner.std()) - 2 * cuts.motion
        yield _Look(seconds, begins, reason, Still(seconds, 0, soft, score, np.asarray(small)), look)


def _without_repeats(stills: list[Still], box: Letterbox) -> list[Still]:
    """`stills` without those that show nearly the same, between the bars, as one of a better score."""
    prints = [_fingerprint(still, box) for still in stills]
    near: dict[int, set[int]] = {}
    for i, j in same_pairs(prints):
        near.setdefault(i, set()).add(j)
        near.setdefault(j, set()).add(i)
    kept: set[int] = set()
    by_shot: dict[int, list[int]] = {}
    for i in sorted(range(len(stills)), key=lambda i: -stills[i].score):
        shot = by_shot.setdefault(stills[i].shot, [])
        nearest = sorted(shot, key=lambda j: abs(j - i))[:COMPARED]
        if not near.get(i, set()) & kept and not any(panned(prints[j], prints[i]) for j in nearest):
            kept.add(i)
            shot.append(i)
    return [stills[i] for i in sorted(kept)]


def _fingerprint(still: Still, box: Letterbox) -> Fingerprint:
    return fingerprint(Image.fromarray(np.ascontiguousarray(cropped(still.small, box.box()))))


def _best_of_each(stills: list[Still], count: int) -> list[Still]:
    """At most `count`: the best of each of so many stretches of the film with as many stills."""
    if len(stills) <= count:
        return stills
    edges = np.linspace(0, len(stills), count + 1).round().astype(int)
    return [
        max(stills[first:last], key=lambda still: still.score) for first, last in itertools.pairwise(edges)
    ]
