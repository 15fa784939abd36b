"""The README's two tables of the four systems: what they cost, and how well they draw."""

from __future__ import annotations

from typing import Any

from tables_text import Load, gradients, made_by, percent, table

SYSTEMS = {
    "lcgan": "LC-GAN",
    "lwcomicgan": "LWComicGAN",
    "cartoongan": "CartoonGAN (Toonification)",
    "animeganv2": "AnimeGANv2",
    "multitoon": "**multitoon**",
}
"""Preset to the name that its authors gave it."""
AUTHORS = {
    "lcgan": "31 MB (and 170 MB for CartoonGAN)",
    "lwcomicgan": "2,796,416 parameters; FID 173.80, IS 10.24",
    "cartoongan": "13,253,452 parameters (LWComicGAN's authors)",
    "animeganv2": "3,956,096 parameters (LWComicGAN's authors, of AnimeGAN)",
    "multitoon": "",
}
"""What the authors published, on their photos and machines: comparable with nothing measured here."""


def systems_cost(load: Load) -> str:
    """Parameters, file, operations, time."""
    run = load("systems/bench")
    models = {model["name"]: model for model in run["models"]}
    timings = {timing["name"]: timing for timing in run["timings"]}
    rows = [
        [
            title,
            f"{models[preset]['parameters'] / 1e6:.2f} M",
            f"{models[preset]['megabytes']:.1f} MB",
            f"{timings[preset]['gmac']:.1f}",
            f"{timings[preset]['milliseconds']:.0f}",
            f"{timings[preset]['times_first']:.1f}",
            AUTHORS[preset],
        ]
        for preset, title in SYSTEMS.items()
    ]
    header = ["system", "parameters", "file", "GMAC", "ms", "ratio", "theirs: published by the authors"]
    note = (
        f"The presets of `configs/backbone/`, merged, at 512²: ONNX Runtime, {run['threads']} threads, "
        f"{run['machine']}, medians of {run['rounds']} rounds of one run"
    )
    return table(header, rows) + made_by(run["command"], note=note)


def systems_quality(load: Load) -> str:
    """Content and style after the same minutes of training, and of published weights."""
    runs = {preset: load(f"systems/{preset}") for preset in SYSTEMS}
    published = load("systems/cartoongan-published")
    rows = [["the photos themselves", "", "1", "0", gradients(published, "photo"), "0 %"]]
    for preset, run in runs.items():
        training = run["training"]
        rows.append([SYSTEMS[preset], f"{training['steps']:,} in {training['seconds']:,} s", *_figures(run)])
    rows.append(["CartoonGAN, published weights", "theirs", *_figures(published)])
    shipped = load("systems/multitoon-shipped")
    rows.append(["**multitoon**, shipped hayao", "see its card", *_figures(shipped)])
    header = ["network", "steps", "SSIM", "VGG distance", "gradients to Hayao", "teacher's detail"]
    first = runs["multitoon"]
    note = (
        f"Each preset trained by one recipe (`configs/system/`) for about the same time, "
        f"{first['training']['threads']} thread, then measured on {first['pictures']} photos at "
        f"{first['side']}², with {first['style']['style_pictures']} frames; SSIM and VGG distance say how "
        f"much of the photo is left, the last two how much of the style is there"
    )
    commands = [first["training"]["command"], first["command"], published["command"], shipped["command"]]
    return table(header, rows) + made_by(*commands, note=note)


def _figures(run: dict[str, Any]) -> list[str]:
    covered = run["teacher"]["detail"]["covered"]
    return [
        f"{run['ssim']:.3f}",
        f"{run['content_distance']:.3f}",
        gradients(run, "toon"),
        percent(1 if covered is None else covered),
    ]
