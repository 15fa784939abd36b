"""How good the fills are, beside OpenCV's and scikit-image's, and what each part adds: a table and a sheet.

    python hub/inpaint_table.py --photos DIR --masks DIR --feature-weights vgg19.safetensors --out out
    python hub/inpaint_table.py --photos DIR --masks DIR --parts --count 4 --out out
    python hub/inpaint_table.py --photos DIR --masks DIR --show photo.nine --show photo.mask --out out

Holes: one central block of a quarter of the side, nine blocks of an eighth, scratches, and the given masks in
turn. Cases are written to OUT/cases.json as they are done; a second run goes on where the first one ended.
Each has a sheet of its own, and those that are to be shown are the rows of OUT/sheet.jpg.
Needs opencv-python-headless and scikit-image.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import torch
from PIL import Image
from skimage.restoration import inpaint_biharmonic
from torch import Tensor

from multitoon import MultiToon, contact_sheet, read_photo
from multitoon.evaluate.holes import (
    BETTER_IF_LARGER,
    VGG_LAYERS,
    directions,
    directions_distance,
    hole_figures,
)
from multitoon.feature_weights import load_features
from multitoon.image import middle_square, pixels_to_float, to_image, to_pixels, to_tensor
from multitoon.inpaint import InpaintOptions, inpaint
from multitoon.inpaint.bank import load_bank
from multitoon.inpaint.baseline import smooth_fill
from multitoon.inpaint.fill import structured_fill

BASELINES = ("telea", "navier-stokes", "biharmonic")
KINDS = ("block", "nine", "scratch", "mask")
RADIUS = 5
"""Of OpenCV's methods, in pixels."""
ROW_CELL = 190
"""Pixels of a picture on the sheet of those that are shown."""
STEPS, PRIOR = 15, 1.0
"""Of the search, where its part is measured."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--masks", type=Path, required=True, help="folder of PNGs, white = hole")
    parser.add_argument("--feature-weights", type=Path, help="VGG19's, safetensors; without, no VGG distance")
    parser.add_argument("--style", default="hayao", help="of the toon figures")
    parser.add_argument("--side", type=int, default=256, help="photos are cut to squares of so many pixels")
    parser.add_argument("--count", type=int, help="photos, spread over the folder  [default: all]")
    parser.add_argument("--kinds", default=",".join(KINDS), help="of holes")
    parser.add_argument("--parts", action="store_true", help="also each part of the fill by itself")
    parser.add_argument("--show", metavar="CASE", action="append", default=[], help="a row of OUT/sheet.jpg")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)

    toon = MultiToon.from_pretrained()
    toon.set_adapter(arguments.style)
    weights = arguments.feature_weights
    features = load_features(VGG_LAYERS, weights=weights) if weights else None
    methods = _parts(toon) if arguments.parts else {"multitoon": _ours(toon)}
    record = arguments.out / "cases.json"
    cases = json.loads(record.read_text()) if record.exists() else {}
    shown = dict.fromkeys(arguments.show)
    for name, truth, hole in _cases(arguments):
        if name in cases and name not in shown:
            continue
        cases[name], pictures = _case(toon, truth, hole, features, methods)
        if name in shown:
            shown[name] = pictures
        record.write_text(json.dumps(cases, indent=1))
        sheet = arguments.out / f"{name}.jpg"
        contact_sheet([pictures], columns=len(BASELINES) + len(methods) + 2).save(sheet, quality=90)
        print(name, flush=True)
    summary = summarize(cases)
    (arguments.out / "table.json").write_text(json.dumps(summary, indent=1))
    for kind, rows in summary.items():
        for method, row in rows.items():
            print(kind, method, *(f"{key} {value:.4g}" for key, value in row.items()))
    if missing := [name for name, pictures in shown.items() if pictures is None]:
        parser.error(f"no such case: {', '.join(missing)}")
    if shown:
        contact_sheet(list(shown.values()), cell=ROW_CELL).save(arguments.out / "sheet.jpg", quality=85)


def summarize(cases: dict) -> dict:
    """By kind of hole and method: the mean of each figure, and the share of pictures on which it beats all
    baselines (`wins`) and the one that is best on the mean (`over best`)."""
    table: dict = {}
    for kind in (*KINDS, "all"):
        chosen = [case for name, case in cases.items() if kind in ("all", name.rpartition(".")[2])]
        if not chosen:
            continue
        table[kind] = {}
        for method in chosen[0]:
            row = table[kind][method] = {"pictures": len(chosen)}
            for figure in chosen[0][method]:
                sign = 1 if BETTER_IF_LARGER.get(figure, False) else -1
                ours = np.array([case[method][figure] for case in chosen])
                row[figure] = float(ours.mean())
                if method in BASELINES or figure == "seconds":
                    continue
                theirs = np.array([[case[name][figure] for name in BASELINES] for case in chosen])
                best = theirs[:, (sign * theirs.mean(0)).argmax()]
                row[f"{figure} wins"] = float((sign * ours > (sign * theirs).max(1)).mean())
                row[f"{figure} over best"] = float((sign * ours > sign * best).mean())
    return table


def _case(
    toon: MultiToon,
    truth: Tensor,
    hole: Tensor,
    features: torch.nn.Module | None,
    methods: dict[str, Callable[[Tensor, Tensor], Tensor]],
) -> tuple[dict, dict[str, Image.Image]]:
    damaged = truth.masked_fill(hole > 0, 0)
    wanted = toon.stylize(to_image(truth))
    pictures = {"damaged": to_image(damaged)}
    toons = {}
    case = {}
    with torch.inference_mode():
        compared = (truth, to_tensor(wanted)) if features is not None else ()
        goals = [directions(x, features) for x in compared]
    for method in (*BASELINES, *methods):
        started = time.perf_counter()
        fill = methods.get(method) or (lambda x, h, name=method: _baseline(name, x, h))
        filled = torch.where(hole > 0, fill(damaged, hole), truth)
        seconds = time.perf_counter() - started
        picture = to_image(filled)
        drawn = toon.stylize(picture)
        with torch.inference_mode():
            a, b = to_tensor(picture), to_tensor(drawn)
            case[method] = hole_figures(a, truth, hole)
            l1 = (b - to_tensor(wanted)).abs() * hole
            if goals:
                case[method]["vgg"] = directions_distance(directions(a, features), goals[0], hole)
            case[method]["toon l1"] = float(l1.sum() / hole.sum() / 6)
            if goals:
                case[method]["toon vgg"] = directions_distance(directions(b, features), goals[1], hole)
        case[method]["seconds"] = seconds
        pictures[method] = picture
        if method in methods:
            toons[f"{method}, toon"] = drawn
    pictures |= {"truth": to_image(truth)}
    return case, pictures | toons | {"truth, toon": wanted}


def _ours(toon: MultiToon) -> Callable[[Tensor, Tensor], Tensor]:
    options = InpaintOptions(bank=load_bank(_net(toon)))
    return lambda x, hole: to_tensor(inpaint(to_image(x), hole, toon, options=options).filled)


def _net(toon: MultiToon) -> torch.nn.Module:
    return toon.network.backbone


def _parts(toon: MultiToon) -> dict[str, Callable[[Tensor, Tensor], Tensor]]:
    """The fill with parts added one by one; the last one is what is shipped."""
    bank = load_bank(_net(toon))

    def structure(**options: object) -> Callable[[Tensor, Tensor], Tensor]:
        @torch.no_grad()
        def fill(x: Tensor, hole: Tensor) -> Tensor:
            return structured_fill(_net(toon), x, hole, **options)

        return fill

    return {
        "smooth fill": smooth_fill,
        "bank alone": structure(bank=bank, own=False, poisson=False),
        "self alone": structure(poisson=False),
        "self and bank": structure(bank=bank, poisson=False),
        "+ Poisson": structure(bank=bank),
        "+ Poisson, search": structure(bank=bank, steps=STEPS),
        "+ Poisson, search, prior": structure(bank=bank, steps=STEPS, prior=PRIOR),
        "+ Poisson, weakened": _ours(toon),
    }


def _baseline(name: str, x: Tensor, hole: Tensor) -> Tensor:
    picture = np.array(to_image(x))
    mask = hole[0, 0].numpy().astype(np.uint8)
    picture[mask > 0] = 0
    if name == "biharmonic":
        filled = inpaint_biharmonic(picture / 255.0, mask, channel_axis=-1, split_into_regions=True)
        filled = (filled * 255).round().clip(0, 255).astype(np.uint8)
    else:
        method = {"telea": cv2.INPAINT_TELEA, "navier-stokes": cv2.INPAINT_NS}[name]
        filled = cv2.inpaint(picture, mask, RADIUS, method)
    return pixels_to_float(to_pixels(Image.fromarray(filled)))


def _cases(arguments: argparse.Namespace) -> Iterator[tuple[str, Tensor, Tensor]]:
    """Name, photo (1, 3, S, S) and hole (1, 1, S, S) of each case."""
    side = arguments.side
    photos = sorted(path for path in arguments.photos.iterdir() if path.suffix.lower() in (".jpg", ".png"))
    masks = sorted(arguments.masks.glob("*.png"))
    step = max(1, len(photos) // arguments.count) if arguments.count else 1
    for number, path in enumerate(photos[::step][: arguments.count]):
        rgb = read_photo(path).rgb
        scale = side / min(rgb.size)
        rgb = rgb.resize([max(side, round(length * scale)) for length in rgb.size], Image.Resampling.LANCZOS)
        truth = to_tensor(middle_square(rgb))
        for kind in arguments.kinds.split(","):
            yield f"{path.stem}.{kind}", truth, _hole(kind, number, side, masks)


def _hole(kind: str, number: int, side: int, masks: list[Path]) -> Tensor:
    random = np.random.default_rng(1000 + number)
    hole = np.zeros((side, side), np.float32)
    if kind == "block":
        hole[side * 3 // 8 : side * 5 // 8, side * 3 // 8 : side * 5 // 8] = 1
    elif kind == "nine":
        block, gap = side // 8, side // 64
        while hole.sum() < 9 * block**2:
            y, x = random.integers(0, side - block + 1, 2)
            near = hole[max(0, y - gap) : y + block + gap, max(0, x - gap) : x + block + gap]
            if not near.any():
                hole[y : y + block, x : x + block] = 1
    elif kind == "scratch":
        for _ in range(8):
            ends = [tuple(int(v) for v in random.integers(0, side, 2)) for _ in range(2)]
            cv2.line(hole, *ends, 1.0, int(random.integers(2, side // 50 + 2)))
    else:
        mask = read_photo(masks[number * 7 % len(masks)]).rgb.convert("L")
        hole = (np.array(mask.resize((side, side), Image.Resampling.NEAREST)) > 127).astype(np.float32)
    return torch.from_numpy(hole)[None, None]


if __name__ == "__main__":
    main()
