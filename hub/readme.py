"""The tables of README.md and of the ablations, made from `hub/figures/*.json`: no number is typed.

    python hub/readme.py            # writes them between <!-- table: NAME --> and <!-- /table -->
    python hub/readme.py --check    # says which differ, and writes nothing

Each JSON is what a command printed, with the command under `command` (`hub/record.py` makes them so), and
each table ends with the commands that its numbers come from.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ablation_tables import ablation_losses, ablation_shapes, ablation_style, ablation_teachers
from holes_table import holes, holes_parts
from systems_tables import systems_cost, systems_quality
from tables_text import Load, kid, made_by, percent, strokes, table

from multitoon.checkpoint import adapter_facts

HUB = Path(__file__).resolve().parent
FIGURES = HUB / "figures"
DOCUMENTS = (HUB.parent / "README.md", HUB.parent / "configs" / "ablation" / "README.md")
STYLES = ("hayao", "paprika", "shinkai", "ink")
ON_PAPER = tuple(
    style for style in STYLES if adapter_facts(HUB.parent / "adapters" / style)["adapter"]["paper"]
)
"""Those whose toons lie on paper: also measured without."""
BLOCK = re.compile(r"(<!-- table: (?P<name>[\w-]+) -->\n)(?P<body>.*?)(<!-- /table -->)", re.DOTALL)


def quality(load: Load) -> str:
    """Each shipped style beside teacher, photos and pictures of the style; blank where there are none."""
    styles = {style: load(style) for style in STYLES}
    first = styles[STYLES[0]]
    rows: dict[str, tuple[Callable[[dict[str, Any]], str], str]] = {
        "distance to the teacher's luminance detail that is covered": (_covered, "50 %"),
        "drift of color from the photo, over the teacher's own": (_drift, "at most 0.5"),
        "drift of color from the photo, CIEDE2000": (lambda s: f"{s['color_drift']:.1f}", ""),
        f"power at period 2 (checkerboard; the photos have {first['checkerboard_photo']:.2f})": (
            lambda s: f"{s['checkerboard']:.2f}",
            "1",
        ),
        f"pixels of flat areas (the photos have {percent(first['flat_share_photo'])})": (
            lambda s: percent(s["flat_share"]),
            "",
        ),
        f"pixels in strokes of dark lines (the photos have {strokes(first['lines_photo'])})": (
            lambda s: strokes(s["lines"]),
            "",
        ),
        "the teacher's own": (lambda s: strokes(s["teacher"]["lines"]) if s["teacher"] else "", ""),
        "1000 KID-768 to pictures of the style (the photos' own)": (_kid, "0"),
    }
    cells = [[name, *map(cell, styles.values()), wanted] for name, (cell, wanted) in rows.items()]
    static = {style: load(f"static-{style}") for style in STYLES if styles[style]["teacher"]}
    name = "the same, of CartoonGAN itself without statistics of the picture"
    cells.insert(1, [name, *(_covered(static[s]) if s in static else "" for s in styles), ""])
    smooth = {style: load(f"{style}-no-paper") for style in ON_PAPER}
    cells.append(
        ["the same without paper", *(kid(smooth[s], "toon") if s in smooth else "" for s in styles), ""]
    )
    measured = [*styles.items(), *smooth.items(), *static.items()]
    commands = dict.fromkeys(re.sub(rf"\b{style}\b", "STYLE", s["command"]) for style, s in measured)
    return table(["", *styles, "wanted"], [row for row in cells if any(row[1:-1])]) + made_by(
        *commands, note=f"{first['pictures']} photos that were not trained on, at {first['side']}²"
    )


def peers(load: Load) -> str:
    """Our toons and others' of the same photos: how much is left of the photo, and how near is the style?"""
    rows, commands = [], []
    for style in ("hayao", "shinkai"):
        runs = {name: load(f"peers/{name}-{style}") for name in ("cartoongan", "animeganv3")}
        own = load(style)
        rows.append([f"the photos, to {style}", "1", "0", kid(own, "photo")])
        named = {"CartoonGAN": runs["cartoongan"], "AnimeGANv3": runs["animeganv3"], "multitoon": own}
        for name, run in named.items():
            figures = [f"{run['ssim']:.3f}", f"{run['content_distance']:.3f}", kid(run, "toon")]
            rows.append([f"{name} {style}", *figures])
        commands += [*(run["command"] for run in runs.values()), own["command"]]
    header = ["toons", "SSIM", "VGG distance", "1000 KID-768 to the films' frames"]
    note = (
        f"{own['pictures']} photos that were not trained on, at {own['side']}²: the first two figures say "
        f"how much of the photo is left, the last how near the style is"
    )
    return table(header, rows) + made_by(*commands, note=note)


def speed(load: Load) -> str:
    """The merged default style beside AnimeGANv3."""
    run = load("speed")
    models = {model["name"]: model for model in run["models"]}
    sizes = list(dict.fromkeys(tuple(t["size"]) for t in run["timings"]))
    timings = {(t["name"], tuple(t["size"])): t for t in run["timings"]}
    header = ["network", "parameters", "file"]
    for size in sizes:
        header += [f"{_size(size)}: ms", "ratio"]
    own, rows = run["models"][0]["name"], []
    for name, model in models.items():
        row = [_title(name, own), f"{model['parameters'] / 1e6:.2f} M", f"{model['megabytes']:.1f} MB"]
        for size in sizes:
            timing = timings[name, size]
            ratio = timing["times_first"]
            row += [f"{timing['milliseconds']:.0f}", "1" if ratio == 1 else f"{ratio:.1f}"]
        rows.append([*row, f"{timings[name, sizes[-1]]['peak_megabytes']:.0f} MB"])
    header.append(f"{_size(sizes[-1])}: peak")
    note = f"ONNX Runtime, {run['threads']} threads, {run['machine']}, medians of {run['rounds']} rounds"
    return table(header, rows) + made_by(run["command"], note=note)


def cold(load: Load) -> str:
    """The whole command from a cold start."""
    run = load("cold")
    rows = [[f"`{row['what']}`", f"{row['seconds']:.2g} s", _megabytes(row)] for row in run["rows"]]
    return table(["from a cold start", "time", "peak memory"], rows) + made_by(
        run["command"], note=f"{run['machine']}, medians of {run['rounds']}"
    )


TABLES: dict[str, Callable[[Load], str]] = {
    "quality": quality,
    "holes": holes,
    "holes-parts": holes_parts,
    "peers": peers,
    "speed": speed,
    "cold": cold,
    "systems-cost": systems_cost,
    "systems-quality": systems_quality,
    "ablation-style": ablation_style,
    "ablation-teachers": ablation_teachers,
    "ablation-losses": ablation_losses,
    "ablation-shapes": ablation_shapes,
}
"""Name in a document's markers to what makes the table."""


def load(name: str) -> dict[str, Any]:
    """`hub/figures/NAME.json`."""
    return json.loads((FIGURES / f"{name}.json").read_text(encoding="utf-8"))


def filled(text: str, load: Load = load) -> str:
    """`text` with each table made anew."""
    return BLOCK.sub(lambda m: f"{m[1]}{TABLES[m['name']](load)}{m[4]}", text)


def _covered(figures: dict[str, Any]) -> str:
    return percent(figures["teacher"]["detail"]["covered"]) if figures["teacher"] else ""


def _drift(figures: dict[str, Any]) -> str:
    return f"{figures['drift_ratio']:.2f}" if figures["teacher"] else ""


def _kid(figures: dict[str, Any]) -> str:
    if not figures["style"] or "768" not in figures["style"]["inception"]:
        return ""
    return f"{kid(figures, 'toon')} ({kid(figures, 'photo')})"


def _title(name: str, own: str) -> str:
    return f"multitoon {name}" if name == own else name.replace("_", " ")


def _megabytes(row: dict[str, Any]) -> str:
    return "" if row["megabytes"] is None else f"{row['megabytes']} MB"


def _size(size: tuple[int, int]) -> str:
    height, width = size
    if height == width:
        return f"{height}²"
    return f"{height}p" if 9 * width == 16 * height else f"{width}x{height}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="exit with 1 where a document differs")
    arguments = parser.parse_args()
    changed = []
    for document in DOCUMENTS:
        old = document.read_text(encoding="utf-8")
        new = filled(old)
        pairs = zip(BLOCK.finditer(old), BLOCK.finditer(new), strict=True)
        changed += [a["name"] for a, b in pairs if a[0] != b[0]]
        if not arguments.check:
            document.write_text(new, encoding="utf-8")
    for name in changed:
        print(f"{name}: {'differs' if arguments.check else 'written'}")
    raise SystemExit(1 if arguments.check and changed else 0)


if __name__ == "__main__":
    main()
