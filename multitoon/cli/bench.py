"""`multitoon bench`: our merged networks and other people's, timed in one run."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from multitoon.cli.drawing import DEFAULT_STYLE
from multitoon.cli.output import json_option, print_json, print_table, talk
from multitoon.errors import UsageError

if TYPE_CHECKING:
    from multitoon.evaluate.bench import Bench

NAMED_SIZES = {"1080p": (1080, 1920), "720p": (720, 1280)}
"""(H, W) in pixels; a number is a square."""


def parse_sizes(text: str) -> list[tuple[int, int]]:
    """Sizes (H, W) in pixels from names, sides of squares, or WIDTHxHEIGHT.

    >>> parse_sizes("256,640x480,1080p")
    [(256, 256), (480, 640), (1080, 1920)]
    """
    sizes = []
    for part in text.split(","):
        word = part.strip().lower()
        width, _, height = word.partition("x")
        if word in NAMED_SIZES:
            sizes.append(NAMED_SIZES[word])
        elif width.isdecimal() and (height or width).isdecimal() and int(width) and int(height or width):
            sizes.append((int(height or width), int(width)))
        else:
            known = ", ".join(NAMED_SIZES)
            raise click.BadParameter(f"{part!r} should be a side, WIDTHxHEIGHT, or one of {known}.")
    return sizes


@click.command(short_help="Time a merged network beside other ONNX files.")
@click.option(
    "--style",
    multiple=True,
    help=f"A style's name, or an adapter's folder; repeatable.  [default: {DEFAULT_STYLE}]",
)
@click.option(
    "--backbone",
    metavar="PRESET",
    multiple=True,
    help="Instead: a preset's name or YAML file, untrained, merged; repeatable.",
)
@click.option(
    "--against",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    help="An ONNX file, or a folder of them; repeatable.",
)
@click.option("--sizes", default="256,512,1080p", show_default=True, help="Sides, WIDTHxHEIGHT or 1080p.")
@click.option("--threads", type=click.IntRange(1), default=2, show_default=True)
@click.option(
    "--rounds", type=click.IntRange(1), default=7, show_default=True, help="Medians are of so many."
)
@json_option
def bench(
    style: tuple[str, ...],
    backbone: tuple[str, ...],
    against: tuple[Path, ...],
    sizes: str,
    threads: int,
    rounds: int,
    as_json: bool,
) -> None:
    """Time a merged network in ONNX Runtime beside other ONNX files: interleaved, warmed up, medians.

    \b
    multitoon bench --style hayao --against AnimeGANv3_Hayao_36.onnx --sizes 512,1080p
    multitoon bench --backbone multitoon --against peers/ --threads 2 --json

    RATIO is how many times the first network's milliseconds. A contracts.json beside a peer may say which
    range it wants and which multiple its sides must have. Leave the machine alone meanwhile.
    """
    if style and backbone:
        raise UsageError("--style and --backbone exclude each other.")
    pixels = parse_sizes(sizes)

    from multitoon.evaluate.bench import bench as measure
    from multitoon.evaluate.contender import load_contender
    from multitoon.export.single import export_style, export_untrained

    peers = [file for path in against for file in (sorted(path.glob("*.onnx")) if path.is_dir() else [path])]
    with tempfile.TemporaryDirectory() as folder:
        contenders = []
        for number, source in enumerate(backbone or style or [DEFAULT_STYLE]):
            own, name = Path(folder) / f"{number}.onnx", Path(source).stem
            talk(f"Exporting {name}")
            if backbone:
                export_untrained(source, own)
            else:
                export_style({source: 1.0}, own)
            contenders.append(load_contender(own, name))
        contenders += [load_contender(path) for path in peers]
        result = measure(contenders, pixels, threads=threads, rounds=rounds, talk=talk)
    if as_json:
        print_json(dataclasses.asdict(result))
    else:
        _print(result)


def _print(result: Bench) -> None:
    models = {model.name: model for model in result.models}
    rows = []
    for timing in result.timings:
        model, peak = models[timing.name], timing.peak_megabytes
        rows.append(
            (
                timing.name,
                f"{model.parameters / 1e6:.2f} M",
                f"{model.megabytes:.1f} MB",
                f"{timing.size[1]}x{timing.size[0]}",
                f"{timing.gmac:.1f}",
                f"{timing.milliseconds:.1f}",
                f"{timing.times_first:.2f}",
                f"{timing.gflops:.0f}",
                f"{100 * timing.share_of_limit:.0f} %",
                "" if peak is None else f"{peak:.0f} MB",
            )
        )
    header = (
        "NETWORK",
        "PARAMETERS",
        "FILE",
        "SIZE",
        "GMAC",
        "MS",
        "RATIO",
        "GFLOP/S",
        "OF LIMIT",
        "PEAK MEMORY",
    )
    print_table(header, rows)
    limits = ", ".join(f"{name} {gflops:.0f} GFLOP/s" for name, gflops in result.gflops.items())
    talk(f"{result.runtime}, {result.threads} threads, medians of {result.rounds}; this machine: {limits}")
