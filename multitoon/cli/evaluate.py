"""`multitoon evaluate`: the figures on the cards and in the README."""

from __future__ import annotations

from pathlib import Path

import click

from multitoon.cli.drawing import paper_option
from multitoon.cli.output import json_option, print_json, print_table, talk
from multitoon.errors import UsageError

folder = click.Path(exists=True, file_okay=False, path_type=Path)
file = click.Path(exists=True, dir_okay=False, path_type=Path)
REPORT_EVERY = 10
"""Photos between two lines of progress."""


class FileOrDownload(click.ParamType):
    """A file that exists, or the word `download`."""

    name = "FILE|download"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> object:
        return value if value == "download" else file.convert(value, param, ctx)


@click.command(short_help="Measure a style, or a folder of toons, on photos.")
@click.option("--style", help="A style's name, or an adapter's folder: it is drawn on every photo.")
@click.option("--backbone", type=folder, help="The backbone of --style.  [default: the shipped one]")
@paper_option
@click.option("--toons", type=folder, help="A folder with a toon of every photo, by any program.")
@click.option("--photos", type=folder, required=True, help="Photos; none that a style was trained on.")
@click.option("--teacher-toons", type=folder, help="A folder with the teacher's toon of every photo.")
@click.option("--style-images", type=folder, help="Pictures of the style: how near are colors and gradients?")
@click.option(
    "--inception-weights", type=FileOrDownload(), help="Also KID and FID: Inception v3, to Mixed_6e or whole."
)
@click.option(
    "--feature-weights", type=FileOrDownload(), help="Also the content distance: VGG19, at least to conv4_4."
)
@click.option("--classifier-weights", type=file, help="Also an inception score: MobileNetV2, safetensors.")
@click.option(
    "--clip",
    type=click.Path(exists=True, path_type=Path),
    help="Also flicker: a video, or a folder of its frames.",
)
@click.option(
    "--clip-toons", type=click.Path(exists=True, path_type=Path), help="The clip's toons, beside --toons."
)
@click.option(
    "--cost",
    type=click.IntRange(1),
    metavar="THREADS",
    help="Also time and memory; no two runs agree in them.",
)
@json_option
def evaluate(
    style: str | None,
    backbone: Path | None,
    paper: bool,
    toons: Path | None,
    photos: Path,
    teacher_toons: Path | None,
    style_images: Path | None,
    inception_weights: str | Path | None,
    feature_weights: str | Path | None,
    classifier_weights: Path | None,
    clip: Path | None,
    clip_toons: Path | None,
    cost: int | None,
    as_json: bool,
) -> None:
    """Measure content, color, lines, artifacts, and nearness to a teacher or a style, on squares of 256².

    \b
    multitoon evaluate --style hayao --photos val/ --teacher-toons cartoongan/hayao/
    multitoon evaluate --toons out/ --photos val/ --json
    multitoon evaluate --style hayao --photos val/ --style-images frames/ --inception-weights download

    A toon belongs to the photo whose name it begins with: photo.jpg and photo.hayao.png. Figures are called
    by what they were made of: FID-768 is not FID. All but --cost's are the same in every run.
    """
    if bool(style) == bool(toons):
        raise UsageError("Give either --style or --toons.")
    if toons and (backbone or not paper or cost):
        raise UsageError("--backbone, --no-paper and --cost belong to --style; a folder's toons have none.")

    from multitoon.evaluate.figures import to_json
    from multitoon.evaluate.report import HEADER, rows
    from multitoon.evaluate.run import References, evaluate_style, evaluate_toons

    references = References(
        teacher_toons=teacher_toons,
        style_images=style_images,
        inception_weights=inception_weights,
        feature_weights=feature_weights,
        classifier_weights=classifier_weights,
        clip=clip,
        clip_toons=clip_toons,
    )
    if style_images and not inception_weights:
        talk("No KID and FID without Inception: give --inception-weights FILE, or download.")

    def progress(done: int, total: int) -> None:
        if done == total or done % REPORT_EVERY == 0:
            talk(f"[{done}/{total}]")

    if style:
        own = {"backbone": backbone, "paper": paper, "cost_threads": cost}
        result = evaluate_style(style, photos, references, progress, **own)
    else:
        result = evaluate_toons(toons, photos, references, progress)
    if as_json:
        print_json(to_json(result))
    else:
        print_table(HEADER, rows(result))
        talk(f"{result.toons}: {result.pictures} photos, squares of {result.side} pixels")
