"""One photo with holes: windows around them, fill, search, blend; the photo or its toon comes out."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from multitoon.errors import UsageError
from multitoon.filters.gradient import gaussian_blur
from multitoon.image import Photo, float_to_pixels, pixels_to_float, to_image, to_photo, to_pixels
from multitoon.inpaint.bank import Bank
from multitoon.inpaint.baseline import smooth_fill
from multitoon.inpaint.fill import structured_fill
from multitoon.inpaint.poisson import blend
from multitoon.inpaint.windows import windows
from multitoon.stylize import MultiToon, Style

OnStep = Callable[[int, float, Tensor], bool]
"""Called as `on_step(step, loss, preview)` while a hole is filled; `preview` is the window around the hole as
it stands, (1, 3, h, w) in [-1, 1], smaller at first. False ends the search; what is found is blended."""

DETAIL = 0.8
"""How much of the found structure is laid over the smooth fill: what is wrong in it costs less so. Of what is
finer than `FINE` twice that, at most `CRISP`: texture in a wrong place looks better than none."""
FINE = 2.0
"""Deviation in pixels of the Gaussian above which detail is fine."""
CRISP = 1.2
"""The patches that vote do not agree, and their mean is fainter than the photo; so much brings it back."""
GRAIN, DOUBT = 0.02, 0.04
"""Structure as weak as this, of a range of 2, is halved: fine structure, as copied grain looks woven, and
coarse structure, which is no surer than a smooth surface."""
LARGEST = 1024
"""Longer side in pixels at which a window is filled; a larger one is filled smaller and enlarged."""


@dataclasses.dataclass(frozen=True)
class InpaintOptions:
    """How long and how hard to search."""

    steps: int = 0
    """Steps of the search on the latents, for each hole and restart. None by default: since matches vote for
    differences of pixels, it hardly changes VGG's distance, lowers SSIM, and takes as long again."""
    time_budget: float | None = None
    """Seconds for all holes of the photo; what is found by then is blended. None: no limit."""
    restarts: int = 1
    """Fills from other random matches; the one with the lowest loss wins."""
    seed: int = 0
    """Same seed, same pixels (unless the time budget ends the search)."""
    detail: float = DETAIL
    """Share of the found structure over the smooth fill, 0 to 1; see `DETAIL`."""
    bank: Bank | None = None
    """Latents of other photos; the photo's own known parts are always used."""

    def __post_init__(self) -> None:
        if self.steps < 0 or self.restarts < 1 or not 0 <= self.detail <= 1:
            raise UsageError(
                f"steps is {self.steps}, restarts {self.restarts}, detail {self.detail}; "
                "must be at least 0, at least 1, and 0 to 1."
            )
        if self.time_budget is not None and not self.time_budget > 0:
            raise UsageError(f"time_budget is {self.time_budget}, must be more than 0 seconds.")


@dataclasses.dataclass(frozen=True)
class InpaintResult:
    """What comes out."""

    image: Image.Image
    """RGB or RGBA, of the photo's size: the photo with its holes filled, or the toon of that."""
    filled: Image.Image
    """Mode RGB: the photo with its holes filled; all other pixels are the photo's, bit for bit."""
    notes: tuple[str, ...] = ()
    """What a user should know, as parts of a sentence."""
    losses: tuple[tuple[float, ...], ...] = ()
    """The loss of each step, a curve for each window (of its best restart)."""
    seconds: float = 0.0
    """Wall time of the fill."""


def inpaint(
    photo: Image.Image | Photo,
    hole: Image.Image | Tensor,
    toon: MultiToon,
    *,
    style: Style | None = None,
    options: InpaintOptions = InpaintOptions(),
    on_step: OnStep | None = None,
) -> InpaintResult:
    """`photo` with what lies under `hole` made anew.

    Args:
        hole: of the photo's size, white (or 1) where it is to be filled: mode L, or (1, 1, H, W) in 0..1.
        toon: the backbone, and the styles.
        style: draw the toon in this style, or mix; None gives the photo, changed in the hole alone.
        on_step: see `OnStep`; called from this thread.

    Raises:
        UsageError: a hole of another size, or one that covers everything.
        UnknownNameError: no such style.
    """
    started = time.perf_counter()
    photo = photo if isinstance(photo, Photo) else to_photo(photo)
    hole = _checked(hole, photo)
    pixels, notes, curves = to_pixels(photo.rgb), [], []
    places = windows(hole)
    for number, (top, bottom, left, right) in enumerate(places):
        view = (..., slice(top, bottom), slice(left, right))
        clock = _Clock(started, options.time_budget, (number + 1) / len(places), on_step)
        x, inside = pixels_to_float(pixels[view]), hole[view]
        found, curve, note = _fill_window(toon, x, inside, options, clock)
        pixels[view] = torch.where(inside > 0, float_to_pixels(found), pixels[view])
        curves.append(curve)
        notes += [note] if note else []
    filled = to_image(pixels) if places else photo.rgb
    seconds = time.perf_counter() - started
    if style is None:
        image = photo.finish(filled)
    else:
        image = _drawn(toon, style, dataclasses.replace(photo, rgb=filled))
    return InpaintResult(image, filled, tuple(dict.fromkeys(notes)), tuple(curves), seconds)


class _Clock:
    """Passes steps on to the caller, and says when the time of a window is over."""

    def __init__(self, started: float, budget: float | None, share: float, on_step: OnStep | None) -> None:
        self.end = math.inf if budget is None else started + budget * share
        self.on_step = on_step
        self.cancelled = False
        self.losses: list[float] = []

    @property
    def over(self) -> bool:
        return self.cancelled or time.perf_counter() >= self.end

    def __call__(self, picture: Tensor, loss: float) -> bool:
        self.losses.append(loss)
        if self.on_step is not None and not self.on_step(len(self.losses), loss, picture.clamp(-1, 1)):
            self.cancelled = True
        return not self.over


def _fill_window(
    toon: MultiToon, x: Tensor, hole: Tensor, options: InpaintOptions, clock: _Clock
) -> tuple[Tensor, tuple[float, ...], str]:
    """The window (1, 3, h, w) filled, the curve of its best restart, and a note or nothing."""
    size, note = x.shape[-2:], ""
    x = x.masked_fill(hole > 0, 0.0)
    with torch.no_grad():
        smooth = smooth_fill(x, hole)
        small, small_hole = x, hole
        if max(size) > LARGEST:
            small, small_hole = _reduced(x, hole)
            note = f"a hole is so large that it was filled at {small.shape[-1] / size[1]:.0%} and enlarged"
        best, curve = None, ()
        for restart in range(options.restarts):
            if best is not None and clock.over:
                break
            clock.losses = []
            found = structured_fill(
                toon.network.backbone,
                small,
                small_hole,
                bank=options.bank,
                steps=options.steps,
                seed=options.seed + restart,
                on_round=clock,
            )
            if best is None or (clock.losses and clock.losses[-1] < curve[-1]):
                best, curve = found, tuple(clock.losses)
        if small is not x:
            best = F.interpolate(best, size=size, mode="bicubic", align_corners=False)
            best = blend(x, best, hole)
        return _weakened(best, smooth, options.detail), curve, note


def _weakened(structure: Tensor, smooth: Tensor, detail: float) -> Tensor:
    """`smooth` with the share `detail` of `structure`, more of what is fine and less of what is faint."""
    coarse = gaussian_blur(structure, FINE)
    fine, bent = structure - coarse, coarse - smooth
    return smooth + detail * _gain(bent, DOUBT) * bent + min(CRISP, 2 * detail) * _gain(fine, GRAIN) * fine


def _gain(structure: Tensor, noise: float) -> Tensor:
    """Wiener's gain (B, 1, H, W) for a signal of this local power in noise of that deviation."""
    power = gaussian_blur(structure.square().mean(1, keepdim=True), 2 * FINE)
    return power / (power + noise**2)


def _reduced(x: Tensor, hole: Tensor) -> tuple[Tensor, Tensor]:
    """Window and hole with `LARGEST` pixels on their longer side, from the known pixels alone."""
    scale = LARGEST / max(x.shape[-2:])
    size = [max(1, round(side * scale)) for side in x.shape[-2:]]
    known = F.adaptive_avg_pool2d(1 - hole, size)
    small = F.adaptive_avg_pool2d(x * (1 - hole), size) / known.clamp_min(1e-6)
    return small, (known < 0.5).to(hole.dtype)


def _drawn(toon: MultiToon, style: Style, photo: Photo) -> Image.Image:
    before = toon.active
    toon.set_adapter(style)
    try:
        return toon.stylize(photo)
    finally:
        toon.active = before


def _checked(hole: Image.Image | Tensor, photo: Photo) -> Tensor:
    """The hole as (1, 1, H, W) of zeros and ones."""
    if isinstance(hole, Image.Image):
        hole = to_pixels(hole.convert("L")) / 255.0
    width, height = photo.size_wh
    if hole.shape != (1, 1, height, width):
        raise UsageError(
            f"The hole is {tuple(hole.shape)}, must be (1, 1, {height}, {width}) as the photo is."
        )
    hole = (hole >= 0.5).float()
    if hole.all():
        raise UsageError("The hole covers the whole photo; nothing is left to fill it from.")
    return hole
