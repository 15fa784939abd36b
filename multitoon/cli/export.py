"""`multitoon export`: one style as one plain network for other runtimes."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

import click

from multitoon.cli.output import json_option, print_json, talk
from multitoon.cli.stylize import parse_mix
from multitoon.errors import UsageError


@click.command(short_help="Write a style, or a mix, as one ONNX or PT2 file.")
@click.option("--style", help="A style's name, or an adapter's folder.")
@click.option("--mix", metavar="STYLE:WEIGHT,...", help="Several styles at once: hayao:0.6,ink:0.4.")
@click.option("--format", type=click.Choice(["onnx", "pt2"]), default="onnx", show_default=True)
@click.option("--precision", type=click.Choice(["fp32", "fp16"]), default="fp32", show_default=True)
@click.option(
    "--input",
    "kind",
    type=click.Choice(["float", "uint8"]),
    default="float",
    show_default=True,
    help="Pictures in and out: float in [-1, 1], or 0 to 255.",
)
@click.option(
    "--layout",
    type=click.Choice(["nchw", "nhwc"]),
    default="nchw",
    show_default=True,
    help="Channels first, or last.",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="[default: STYLE.FORMAT]"
)
@click.option("--overwrite", is_flag=True, help="Replace a file that exists.")
@json_option
def export(
    style: str | None,
    mix: str | None,
    format: str,
    precision: str,
    kind: str,
    layout: str,
    output: Path | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Write a style, or a mix, as one plain network that draws photos of any size.

    \b
    multitoon export --style hayao -o hayao.onnx
    multitoon export --mix hayao:0.6,ink:0.4 --input uint8 --layout nhwc --precision fp16

    Border, range and crop lie inside the graph; style, hashes and license in its metadata. The file is
    compared with the network at three sizes, and the result written beside it: FILE.parity.json.
    """
    if bool(style) == bool(mix):
        raise UsageError("Give either --style or --mix.", "multitoon adapters list shows the styles.")
    weights = parse_mix(mix) if mix else {style: 1.0}
    name = "-".join(Path(source).name for source in weights)
    output = output or Path(f"{name}.{format}")

    from multitoon.export.single import export_style, parity_path
    from multitoon.export.wrap import Contract

    started = time.perf_counter()
    talk(f"Exporting {name}; this takes some seconds.")
    parity = export_style(
        weights,
        output,
        format=format,
        precision=precision,
        contract=Contract(kind, layout),
        overwrite=overwrite,
    )
    if as_json:
        facts = {"output": str(output), "bytes": output.stat().st_size}
        print_json(facts | {"max_difference": parity.max_difference} | dataclasses.asdict(parity))
        return
    click.echo(output)
    talk(
        f"{output.stat().st_size / 1e6:.2f} MB in {time.perf_counter() - started:.1f} s; differs from the "
        f"merged network by {parity.max_difference:.1e} on [-1, 1] ({parity_path(output).name})."
    )
