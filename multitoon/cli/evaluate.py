"""`multitoon evaluate`: the figures on the cards and in the README."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from multitoon.cli.output import json_option, print_json, print_table, talk
from multitoon.errors import UsageError

if TYPE_CHECKING:
    from multitoon.evaluate.figures import Evaluation

folder = click.Path(exists=True, file_okay=False, path_type=Path)
REPORT_EVERY = 10
"""Photos between two lines of progress."""


@click.command(short_help="Measure a style, or a folder of toons, on photos.")
@click.option("--style", help="A style's name, or an adapter's folder: it is drawn on every photo.")
@click.option("--toons", type=folder, help="A folder with a toon of every photo, by any program.")
@click.option("--photos", type=folder, required=True, help="Photos; none that a style was trained on.")
@click.option("--teacher-toons", type=folder, help="A folder with the teacher's toon of every photo.")
@click.option("--style-images", type=folder, help="Pictures of the style, for KID-768 and FID-768.")
@click.option(
    "--inception-weights",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Inception v3 of 2015 up to Mixed_6e, safetensors.",
)
@json_option
def evaluate(
    style: str | None,
    toons: Path | None,
    photos: Path,
    teacher_toons: Path | None,
    style_images: Path | None,
    inception_weights: Path | None,
    as_json: bool,
) -> None:
    """Measure content, color, artifacts, and agreement with a teacher or a style, on squares of 256 pixels.

    \b
    multitoon evaluate --style hayao --photos val/ --teacher-toons cartoongan/hayao/
    multitoon evaluate --toons out/ --photos val/ --json

    A toon belongs to the photo whose name it begins with: photo.jpg and photo.hayao.png.
    """
    if bool(style) == bool(toons):
        raise UsageError("Give either --style or --toons.")

    from multitoon.evaluate.figures import to_json
    from multitoon.evaluate.run import References, evaluate_style, evaluate_toons

    references = References(teacher_toons, style_images, inception_weights)

    def progress(done: int, total: int) -> None:
        if done == total or done % REPORT_EVERY == 0:
            talk(f"[{done}/{total}]")

    if style:
        result = evaluate_style(style, photos, references, progress)
    else:
        result = evaluate_toons(toons, photos, references, progress)
    if as_json:
        print_json(to_json(result))
    else:
        print_table(["FIGURE", "TOON", "PHOTO", "TEACHER"], _rows(result))
        talk(f"{result.toons}: {result.pictures} photos, squares of {result.side} pixels")


def _rows(result: Evaluation) -> list[tuple[str, str, str, str]]:
    drift = f"{result.teacher.color_drift:.3f}" if result.teacher else ""
    rows = [
        ("SSIM", f"{result.ssim:.4f}", "1", ""),
        ("gradient similarity", f"{result.gradient_similarity:.4f}", "1", ""),
        ("color drift (CIEDE2000)", f"{result.color_drift:.3f}", "0", drift),
        ("border ratio", f"{result.border_ratio:.3f}", "", ""),
        ("checkerboard", f"{result.checkerboard:.3f}", f"{result.checkerboard_photo:.3f}", ""),
        ("flat share", f"{result.flat_share:.4f}", f"{result.flat_share_photo:.4f}", ""),
    ]
    if result.teacher:
        for name, agreement in (("", result.teacher.detail), (", pooled", result.teacher.detail_pooled)):
            rows += [
                (f"detail correlation{name}", f"{agreement.toon:.4f}", f"{agreement.photo:.4f}", "1"),
                (f"detail covered{name}", _percent(agreement.covered), "0 %", "100 %"),
            ]
    if result.drift_ratio is not None:
        rows.append(("drift over teacher's", f"{result.drift_ratio:.3f}", "0", "1"))
    if result.style:
        style = result.style
        rows += [
            (
                f"KID-768 (n={result.pictures}, {style.style_pictures})",
                f"{style.kid_768:.4f}",
                f"{style.kid_768_photo:.4f}",
                "",
            ),
            (
                f"FID-768 (n={result.pictures}, {style.style_pictures})",
                f"{style.fid_768:.2f}",
                f"{style.fid_768_photo:.2f}",
                "",
            ),
        ]
    return rows


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f} %"
