"""The README's tables of filled holes, from what `hub/inpaint_table.py` left in `OUT/table.json`."""

from __future__ import annotations

from typing import Any

from tables_text import Load, made_by, percent, table

FIGURES = {
    "psnr": ("PSNR, dB", True),
    "ssim": ("SSIM", True),
    "gms": ("gradient similarity", True),
    "vgg": ("VGG distance", False),
    "toon vgg": ("VGG distance of the toons", False),
}
"""Figure to its name, and whether more is better."""
TITLES = {"telea": "Telea", "navier-stokes": "Navier-Stokes", "biharmonic": "biharmonic"}
OURS = "multitoon"
HEADER = ["inside the hole", *[f"{name} {'↑' if more else '↓'}" for name, more in FIGURES.values()]]


def holes(load: Load) -> str:
    """Ours beside the classical methods inside the hole, over all kinds of holes."""
    record = load("holes")
    rows = record["all"]
    lines = [_line(title, rows[method]) for method, title in TITLES.items()]
    lines.append(_line(f"**{OURS}**", rows[OURS]))
    lines.append(
        [
            "better than the best of the three, of all holes",
            *[percent(rows[OURS][f"{f} over best"]) for f in FIGURES],
        ]
    )
    note = (
        f"{rows[OURS]['pictures']} holes in photos that were not trained on, at 256²: a block, nine blocks, "
        "scratches and an irregular mask each"
    )
    return table(HEADER, lines) + made_by(record["command"], note=note)


def holes_parts(load: Load) -> str:
    """What each part of the fill brings."""
    record = load("holes-parts")
    rows = {name: row for name, row in record["all"].items() if name not in TITLES}
    pictures = next(iter(rows.values()))["pictures"]
    note = f"{pictures} holes as above, at 192²; the last row is what is shipped"
    return table(HEADER, [_line(*row) for row in rows.items()]) + made_by(record["command"], note=note)


def _line(title: str, row: dict[str, Any]) -> list[str]:
    return [title, *[f"{row[figure]:.3g}" for figure in FIGURES]]
