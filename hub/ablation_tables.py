"""The tables of `configs/ablation/README.md`: what each part of a training does."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ablations import SHAPES
from tables_text import Load, gradients, made_by, percent, strokes, table

STYLE_ROWS = {
    "whole": "everything: pbn, pairs first, gray and color loss, LSGAN",
    "no-init": "no pairs for the adapter",
    "bare": "no pairs for backbone and adapter",
    "no-gray": "no gray (Gram) loss",
    "no-color": "no color loss",
    "wgan-gp": "WGAN-GP for LSGAN",
    "in": "IN for pbn",
    "lin": "LIN for pbn",
}
SHAPE_ROWS = {
    "shipped": "as shipped",
    "wide": "96 instead of 128 channels at 1/8",
    "narrow": "24 instead of 48 channels at 1/2, four residual blocks of 96 at 1/8",
    "late": "residual blocks in the decoder: at 1/8, 1/4 and 1/2",
    "deep": "the same, two of them at a fourth scale, 1/16",
    "inverted": "the narrow one with 16 inverted residual blocks for its five plain ones",
}
LOSS_ROWS = {"distances": "distances alone", "strokes": "distances and the stroke loss"}
TEACHER_ROWS = {"two": "hayao, paprika", "three": "hayao, paprika, shinkai"}


def ablation_style(load: Load) -> str:
    """Hayao from its frames, a part less or another in each row."""
    runs = _measured(load, STYLE_ROWS)
    whole = runs["whole"]
    rows = [
        [
            "the photos themselves",
            "1",
            "0",
            gradients(whole, "photo"),
            "0",
            strokes(whole["lines_photo"]),
            "",
        ]
    ]
    rows += [
        [
            title,
            f"{runs[name]['ssim']:.3f}",
            f"{runs[name]['content_distance']:.3f}",
            gradients(runs[name], "toon"),
            f"{runs[name]['color_drift']:.1f}",
            strokes(runs[name]["lines"]),
            f"{runs[name]['training']['seconds']:,} s",
        ]
        for name, title in STYLE_ROWS.items()
        if name in runs
    ]
    header = ["run", "SSIM", "VGG distance", "gradients", "ΔE2000", "dark lines", "adapter's time"]
    training = whole["training"]
    note = (
        f"{training['steps']} steps of an adapter after {training['backbone']['steps']} of its backbone, "
        f"{training['threads']} thread; {whole['pictures']} photos that were not trained on, at "
        f"{whole['side']}², {whole['style']['style_pictures']} frames. Commands of the first row"
    )
    return table(header, rows) + made_by(*_commands(whole), note=note)


def ablation_teachers(load: Load) -> str:
    """Shinkai's adapter on a backbone that saw its teacher, and on one that did not."""
    runs = _measured(load, TEACHER_ROWS)
    rows = [
        [
            title,
            percent(runs[name]["teacher"]["detail"]["covered"], 1),
            f"{runs[name]['ssim']:.3f}",
            f"{runs[name]['content_distance']:.3f}",
            f"{runs[name]['color_drift']:.1f}",
        ]
        for name, title in TEACHER_ROWS.items()
        if name in runs
    ]
    header = ["the backbone's teachers", "shinkai's detail covered", "SSIM", "VGG distance", "ΔE2000"]
    first = runs["two"]
    training = first["training"]
    note = (
        f"{training['backbone']['steps']} steps of the backbone, then {training['steps']} of shinkai's "
        f"adapter; {first['pictures']} photos that were not trained on, at {first['side']}²"
    )
    return table(header, rows) + made_by(*_commands(first), note=note)


def ablation_losses(load: Load) -> str:
    """Shinkai's target with distances alone, and with a loss that asks for its strokes."""
    runs = _measured(load, LOSS_ROWS)
    rows = [["the photos themselves", strokes(runs["strokes"]["lines_photo"]), "", "1", "0 %"]]
    rows += [
        [
            title,
            strokes(runs[name]["lines"]),
            f"{runs[name]['lines']['depth']:.3f}",
            f"{runs[name]['ssim']:.3f}",
            percent(runs[name]["teacher"]["detail"]["covered"], 1),
        ]
        for name, title in LOSS_ROWS.items()
        if name in runs
    ]
    header = ["losses", "dark lines", "their depth", "SSIM", "detail covered"]
    first = runs["distances"]
    note = (
        f"{first['training']['steps']} steps on shinkai's shipped target, {first['training']['threads']} "
        f"thread; {first['pictures']} photos that were not trained on, at {first['side']}²"
    )
    return table(header, rows) + made_by(first["training"]["command"], first["command"], note=note)


def ablation_shapes(load: Load) -> str:
    """Backbones of other blocks and widths: what they cost, and how far one teacher is followed."""
    runs, speed = _measured(load, [f"shape-{name}" for name in SHAPE_ROWS]), load("ablation/shapes-speed")
    models = {model["name"]: model for model in speed["models"]}
    timings = {(timing["name"], timing["size"][0]): timing for timing in speed["timings"]}
    peer = speed["models"][-1]["name"]
    sides = sorted({side for _, side in timings})
    rows = []
    for name, title in SHAPE_ROWS.items():
        if (run := runs.get(f"shape-{name}")) is None:
            continue
        model = Path(SHAPES[name]).stem
        ratios = (
            timings[peer, side]["milliseconds"] / timings[model, side]["milliseconds"] for side in sides
        )
        rows.append(
            [
                title,
                f"{models[model]['parameters'] / 1e6:.2f} M",
                f"{timings[model, 512]['gmac']:.1f}",
                f"{timings[model, 512]['milliseconds']:.0f}",
                *(f"{ratio:.2f}" for ratio in ratios),
                percent(run["teacher"]["detail"]["covered"], 1),
            ]
        )
    header = ["blocks", "parameters", "GMAC at 512²", "ms", f"times {peer}", "at 1920×1080", "detail covered"]
    first = runs["shape-shipped"]
    note = (
        f"{first['training']['steps']} steps on shinkai's detail alone, {first['training']['threads']} "
        f"thread; {first['pictures']} photos that were not trained on, at {first['side']}²; times of "
        f"untrained networks, {speed['threads']} threads, medians of {speed['rounds']} rounds"
    )
    return table(header, rows) + made_by(
        first["training"]["command"], first["command"], speed["command"], note=note
    )


def _measured(load: Load, names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The figures of the rows that were run."""
    found = {}
    for name in names:
        with contextlib.suppress(FileNotFoundError):
            found[name] = load(f"ablation/{name}")
    return found


def _commands(run: dict[str, Any]) -> list[str]:
    return [run["training"]["backbone"]["command"], run["training"]["command"], run["command"]]
