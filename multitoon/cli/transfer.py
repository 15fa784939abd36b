"""`multitoon transfer`: a photo in the manner of one painting, by optimization."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from multitoon.cli.batch import BatchOptions, Drawn, batch_options, run_batch
from multitoon.cli.output import talk
from multitoon.errors import OutputError, UsageError

if TYPE_CHECKING:
    from multitoon.image import Photo
    from multitoon.transfer import Progress

file = click.Path(exists=True, dir_okay=False, path_type=Path)
REPORT_EVERY = 10
"""Steps between two lines of progress, and between two previews."""


@click.command(short_help="Draw photos in the manner of one painting, slowly, without training.")
@batch_options
@click.option("--from", "painting", type=file, required=True, help="The painting.")
@click.option("--style-weight", type=click.FloatRange(0), default=20.0, show_default=True)
@click.option("--content-weight", type=click.FloatRange(0), default=1.0, show_default=True)
@click.option(
    "--smoothness", type=click.FloatRange(0), default=0.05, show_default=True, help="Against grain."
)
@click.option("--steps", type=click.IntRange(1), default=120, show_default=True)
@click.option("--optimizer", type=click.Choice(["lbfgs", "adam"]), default="lbfgs", show_default=True)
@click.option(
    "--max-size",
    type=click.IntRange(16),
    default=384,
    show_default=True,
    metavar="PIXELS",
    help="Scale down to this longer side first; time grows with its square.",
)
@click.option("--preview", type=click.Path(path_type=Path), help="A file to keep the picture so far in.")
@click.option(
    "--feature-weights",
    type=file,
    help="VGG16 or VGG19, at least to conv4_3, safetensors.  [default: torchvision's VGG16, by download]",
)
def transfer(
    batch: BatchOptions,
    painting: Path,
    style_weight: float,
    content_weight: float,
    smoothness: float,
    steps: int,
    optimizer: str,
    max_size: int,
    preview: Path | None,
    feature_weights: Path | None,
) -> None:
    """Draw photos in the manner of one painting: photo.jpg becomes photo.from-PAINTING.png, after minutes.

    \b
    multitoon transfer photo.jpg --from painting.jpg
    multitoon transfer album/ --from painting.jpg --feature-weights vgg19.safetensors -o out/

    The picture itself is optimized, after Gatys, Ecker and Bethge (2016), starting from the photo. A style
    that is trained once (multitoon train-adapter) draws in milliseconds.
    """
    if not (style_weight or content_weight):
        raise UsageError("Both weights are 0: there is nothing to optimize.")
    if preview and preview.exists() and not batch.overwrite:
        raise OutputError(f"{preview} exists already.", "Pass --overwrite, or another --preview.")

    def prepare() -> Callable[[Photo], Drawn]:
        from multitoon.feature_weights import load_features
        from multitoon.image import read_photo, write_picture
        from multitoon.transfer import CONTENT_LAYER, STYLE_LAYERS, TransferConfig, network_in
        from multitoon.transfer import transfer as draw

        name = network_in(feature_weights) if feature_weights else "vgg16"
        network = load_features([*STYLE_LAYERS, CONTENT_LAYER], name, feature_weights)
        if name != "vgg16":
            talk(f"{feature_weights} holds {name}: its layers of the same names stand in for VGG16's.")
        model = read_photo(painting).rgb
        config = TransferConfig(content_weight, style_weight, smoothness, steps, optimizer)
        provenance = {
            "style": f"transfer from {painting.name}",
            "network": name,
            "weights": f"content {content_weight:g}, style {style_weight:g}, smoothness {smoothness:g}",
            "steps": f"{steps} {optimizer}",
        }

        def progress(state: Progress) -> None:
            if state.step != state.steps and state.step % REPORT_EVERY:
                return
            talk(f"[{state.step}/{state.steps}] content {state.content:.3f}, style {state.style:.4f}")
            if preview:
                write_picture(preview, state.picture(), provenance=provenance, overwrite=True)

        def drawn(photo: Photo) -> Drawn:
            photo = photo.scaled(max_size)
            return Drawn(photo.finish(draw(photo.rgb, model, network, config, progress)), provenance)

        return drawn

    run_batch(batch, f"from-{painting.stem}", prepare)
