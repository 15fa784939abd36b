"""`multitoon run-exported`: an exported ONNX file at work, without torch."""

from __future__ import annotations

import time
from pathlib import Path

import click

from multitoon.cli.drawing import paper_option
from multitoon.cli.output import json_option, print_json, talk


@click.command("run-exported", short_help="Draw a photo with an exported ONNX file, without torch.")
@click.argument("model", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("photo", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="[default: PHOTO.MODEL.png beside the photo]",
)
@click.option("--threads", type=click.IntRange(0), default=0, show_default=True, help="0 means one per core.")
@paper_option
@click.option("--overwrite", is_flag=True, help="Replace a file that exists.")
@json_option
def run_exported(
    model: Path, photo: Path, output: Path | None, threads: int, paper: bool, overwrite: bool, as_json: bool
) -> None:
    """Draw PHOTO with MODEL, an ONNX file of `multitoon export`, by onnxruntime, numpy and Pillow alone.

    \b
    multitoon run-exported hayao.onnx photo.jpg
    multitoon run-exported hayao.onnx photo.jpg -o toon.jpg --threads 2

    multitoon/run_exported.py is the whole program and an example for your own.
    """
    from multitoon.run_exported import draw, facts, open_exported, read_rgb, write_whole

    output = output or photo.with_name(f"{photo.stem}.{model.stem}.png")
    session = open_exported(model, threads)
    image = read_rgb(photo)
    started = time.perf_counter()
    toon = draw(session, image, paper)
    seconds = time.perf_counter() - started
    write_whole(toon, output, overwrite)
    if as_json:
        print_json(
            {"output": str(output), "size": toon.size[::-1], "seconds": seconds, "model": facts(session)}
        )
        return
    click.echo(output)
    talk(f"{facts(session)['style']}, {toon.width}x{toon.height} in {seconds:.2f} s")
