"""`multitoon export`: one style as one plain network for other runtimes, or several as a page."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from multitoon.cli.drawing import parse_mix
from multitoon.cli.output import json_option, print_json, talk
from multitoon.errors import UsageError

if TYPE_CHECKING:
    from multitoon.export.parity import Parity

SUFFIXES = {"onnx": ".onnx", "pt2": ".pt2", "executorch": ".pte", "safetensors": ".safetensors"}
"""`multitoon.export.formats.FORMATS`, which cannot be imported here: help texts must not wait for torch."""


def parse_size(text: str) -> tuple[int, int] | None:
    """(H, W) in pixels, or None.

    >>> parse_size("480x640"), parse_size("dynamic")
    ((480, 640), None)
    """
    if text == "dynamic":
        return None
    height, _, width = text.lower().partition("x")
    if not (height.isdecimal() and width.isdecimal() and int(height) and int(width)):
        raise click.BadParameter(f"{text!r} should be dynamic, or HxW in pixels, such as 480x640.")
    return int(height), int(width)


@click.command(short_help="Write a style as one plain network, or as a web page.")
@click.option("--style", "styles", multiple=True, help="A style's name, or an adapter's folder.")
@click.option("--mix", metavar="STYLE:WEIGHT,...", help="Several styles at once: hayao:0.6,ink:0.4.")
@click.option("--format", type=click.Choice([*SUFFIXES, "web"]), default="onnx", show_default=True)
@click.option("--precision", type=click.Choice(["fp32", "fp16", "int8"]), default="fp32", show_default=True)
@click.option(
    "--calibration",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="For int8: a folder of photos such as it will see.",
)
@click.option(
    "--size", default="dynamic", show_default=True, metavar="dynamic|HxW", help="Any, or the only one."
)
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
    "--runtime",
    type=click.Path(exists=True, path_type=Path),
    metavar="TGZ|DIR",
    help="For web: onnxruntime-web as `npm pack` or `npm install` leaves it; fetched if not given.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="[default: STYLE.SUFFIX, or web/]")
@click.option("--overwrite", is_flag=True, help="Replace what exists.")
@json_option
def export(
    styles: tuple[str, ...],
    mix: str | None,
    format: str,
    precision: str,
    calibration: Path | None,
    size: str,
    kind: str,
    layout: str,
    runtime: Path | None,
    output: Path | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Write a style, or a mix, as one plain network that draws photos of any size.

    \b
    multitoon export --style hayao -o hayao.onnx
    multitoon export --mix hayao:0.6,ink:0.4 --input uint8 --layout nhwc --precision fp16
    multitoon export --style hayao --precision int8 --calibration photos/
    multitoon export --format web -o page/ && python -m http.server -d page

    Border, range and crop lie inside the graph; style, hashes and license in its metadata. The file is
    compared with the network at three sizes, and the result written beside it: FILE.parity.json. A
    style's paper is not in the graph: the metadata name its grain, and run-exported and the page lay it on.

    web writes a folder with a page that draws in the visitor's browser, in all of --style (default: every
    shipped one). int8 is fitted to the photos in --calibration and measured on others of them.
    """
    from multitoon.export.wrap import Contract

    contract = Contract(kind, layout, parse_size(size))
    started = time.perf_counter()
    if format == "web":
        if mix or contract != Contract():
            raise UsageError("A page takes --style, and decides on size, layout and input itself.")
        from multitoon.export.web import export_page

        output = output or Path("web")
        parities = export_page(
            styles,
            output,
            precision=precision,
            photos=calibration,
            runtime=runtime,
            overwrite=overwrite,
            talk=talk,
        )
        _report(output, parities, started, as_json)
        talk(f"See it: python -m http.server -d {output}, then http://localhost:8000")
        return
    if runtime:
        raise UsageError("--runtime is for --format web.")
    if bool(styles) == bool(mix):
        raise UsageError("Give either --style or --mix.", "multitoon adapters list shows the styles.")
    if len(styles) > 1:
        raise UsageError(
            f"A file holds one style, not {len(styles)}.",
            f"Mix them, --mix {','.join(f'{style}:0.5' for style in styles)}, or write a page, --format web.",
        )
    weights = parse_mix(mix) if mix else {styles[0]: 1.0}
    name = "-".join(Path(source).name for source in weights)
    output = output or Path(f"{name}{SUFFIXES[format]}")

    from multitoon.export.single import export_style

    talk(f"Exporting {name}; this takes some seconds.")
    parity = export_style(
        weights,
        output,
        format=format,
        precision=precision,
        contract=contract,
        photos=calibration,
        overwrite=overwrite,
    )
    _report(output, {name: parity}, started, as_json)


def _report(output: Path, parities: dict[str, Parity], started: float, as_json: bool) -> None:
    files = [output] if output.is_file() else [path for path in output.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    if as_json:
        facts = {"output": str(output), "bytes": size}
        reports = {name: _numbers(parity) for name, parity in parities.items()}
        print_json(facts | (reports.popitem()[1] if output.is_file() else {"styles": reports}))
        return
    click.echo(output)
    for name, parity in parities.items():
        psnr = "" if parity.psnr is None else f", {parity.psnr:.0f} dB"
        talk(
            f"{name} differs from the merged network by at most {parity.max_difference:.1e}, in the mean "
            f"{parity.mean_difference:.1e} on [-1, 1]{psnr}."
        )
    talk(f"{size / 1e6:.2f} MB in {time.perf_counter() - started:.1f} s.")


def _numbers(parity: Parity) -> dict[str, object]:
    worst = {name: getattr(parity, name) for name in ("max_difference", "mean_difference", "psnr")}
    return worst | dataclasses.asdict(parity)
