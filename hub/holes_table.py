"""The README's table of filled holes, from what `hub/inpaint_table.py` left in `OUT/table.json`."""

from __future__ import annotations

from tables_text import Load, made_by, table

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


def holes(load: Load) -> str:
    """Ours beside the classical methods inside the hole, over all kinds of holes."""
    record = load("holes")
    rows = record["all"]
    lines = [
        [title, *[f"{rows[method][figure]:.3g}" for figure in FIGURES]] for method, title in TITLES.items()
    ]
    lines.append([f"**{OURS}**", *[f"{rows[OURS][figure]:.3g}" for figure in FIGURES]])
    lines.append(
        [
            "better than the best of the three, of all holes",
            *[f"{100 * rows[OURS][f'{f} over best']:.0f} %" for f in FIGURES],
        ]
    )
    note = (
        f"{rows[OURS]['pictures']} holes in photos that were not trained on, at 256²: a block, nine blocks, "
        f"scratches and an irregular mask each; {rows[OURS]['seconds']:.0f} seconds a hole on one core"
    )
    header = ["inside the hole", *[f"{name} {'↑' if more else '↓'}" for name, more in FIGURES.values()]]
    return table(header, lines) + made_by(record["command"], note=note)
