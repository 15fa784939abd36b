"""The second tab: a weight per style, seen while a slider moves; and styles painted onto parts."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

import click
import gradio as gr

from multitoon.cli.drawing import parse_mix
from multitoon.demo.brush import painted_by_color, painting
from multitoon.demo.context import Context
from multitoon.demo.results import new_file, toon_name, write_toon
from multitoon.demo.uploads import photo_input, read_upload, spoken
from multitoon.errors import UsageError
from multitoon.image import Photo

PREVIEW_SIZE = 256
"""Longer side in pixels of what is drawn while a slider moves."""
GUEST_SLIDERS = 3
"""Sliders for styles that the visitor brought, the newest ones."""
BRUSHES = ("#ee6c4d", "#3d7ea6", "#58a05c", "#8e6bbf", "#e0a526", "#c2527d", "#4bb3a8", "#7a5c46")
"""A color per style, as far as they go."""


@lru_cache(maxsize=16)
def small_photo(path: str, max_megapixels: int) -> Photo:
    """The photo at preview size: a slider asks for it many times a second."""
    return read_upload(path, max_megapixels).scaled(PREVIEW_SIZE)


def weights_of(context: Context, guests: Sequence[str], weights: Sequence[float]) -> dict[str, float]:
    """Sliders, in the order of the page, as a mix of what is above 0.

    Over 1 in all they are scaled down to 1: here a mix lies between its styles. (Programs and
    `multitoon stylize --mix` get what they ask for, exaggerated.)
    """
    names = [*context.engine.shipped, *guests[-GUEST_SLIDERS:]]
    total = max(1, sum(weights))
    return {name: round(weight / total, 3) for name, weight in zip(names, weights, strict=False) if weight}


def preview(
    context: Context, photo_path: str | None, guests: list[str], keep_color: bool, *weights: float
) -> str:
    """The mix on a small copy of the photo, as a PNG file."""
    photo = small_photo(photo_path or context.sample, context.settings.max_megapixels)
    toon = context.engine.preview(photo, weights_of(context, guests, weights), keep_color)
    path = new_file("preview.png")
    toon.save(path, compress_level=1)
    return str(path)


def mixed(
    context: Context,
    photo_path: str | None,
    guests: list[str],
    keep_color: bool,
    paint: Mapping[str, Any] | None,
    *weights: float,
) -> tuple[str, str, str]:
    """The mix, painted parts in their own styles, at full size: the picture, its file, a line about it."""
    path = photo_path or context.sample
    photo = context.read(path)
    mix = weights_of(context, guests, weights)
    started = time.perf_counter()
    styles = context.engine.shipped[: len(BRUSHES)]
    masks = painted_by_color(paint, BRUSHES[: len(styles)], photo.size_wh)
    regions = {style: mask for style, mask in zip(styles, masks, strict=True) if mask is not None}
    toon = context.engine.draw(photo, mix, preserve_color=keep_color, regions=regions or None)
    seconds = time.perf_counter() - started
    file = write_toon(toon, photo, toon_name(path, "-".join([*mix, *regions][:4])))
    width, height = photo.size_wh
    parts = " and ".join(f"{weight:.0%} {style}" for style, weight in mix.items())
    return file, file, f"{parts}: {width} × {height} pixels, drawn in {seconds:.1f} s"


def mix_file(context: Context, photo_path: str | None, mix: str, keep_color: bool) -> str:
    """The mix's file alone, for programs; `mix` reads `hayao:0.6,paprika:0.4`.

    Raises:
        UsageError: no photo, or a mix that cannot be read or sums to 0.
    """
    if not photo_path:
        raise UsageError("There is no photo: send one as the first argument.")
    photo = context.read(photo_path)
    toon = context.engine.draw(photo, read_mix(mix), preserve_color=keep_color)
    return write_toon(toon, photo, toon_name(photo_path, "mix"))


def read_mix(text: str) -> dict[str, float]:
    """`hayao:0.6,paprika:0.4` as styles and weights.

    Raises:
        UsageError: a part that is not STYLE:WEIGHT.
    """
    try:
        return parse_mix(text)
    except click.BadParameter as error:
        raise UsageError(error.message) from error


def mix_tab(context: Context, guests: gr.State) -> tuple[gr.Image, list[gr.Slider]]:
    """Lay the tab out and connect it; its photo, and its sliders, of which the last are for guests."""
    shipped = context.engine.shipped
    share = round(1 / min(2, len(shipped)), 2)
    weights = [share if i < 2 else 0 for i in range(len(shipped))]
    first = mixed(context, None, [], False, None, *weights)
    with gr.Row(equal_height=False, elem_id="mix-row"):
        with gr.Column(scale=4, min_width=300):
            photo = photo_input("mix-photo")
            sliders = [
                gr.Slider(0, 1, weight, step=0.05, label=style, elem_id=f"mix-{style}")
                for style, weight in zip(shipped, weights, strict=True)
            ]
            sliders += [gr.Slider(0, 1, 0, step=0.05, visible=False) for _ in range(GUEST_SLIDERS)]
            keep_color = gr.Checkbox(False, label="Keep the photo's colors")
        with gr.Column(scale=6, min_width=320):
            result = gr.Image(
                first[0],
                label="The mix",
                show_label=False,
                type="filepath",
                format="png",
                interactive=False,
                buttons=["fullscreen"],
                elem_id="mix-result",
                elem_classes="result",
            )
            download = gr.DownloadButton(
                "Download PNG", value=first[1], variant="primary", elem_id="mix-download"
            )
            note = gr.Markdown(first[2], elem_classes="quiet")
    with gr.Accordion("Paint a style onto a part", open=False) as parts:
        gr.HTML(
            f"Choose a color with the brush, and paint over a part. {brush_legend(shipped)}", padding=False
        )
        paint = painting(context.canvas(), BRUSHES[: len(shipped)], "mix-paint")
        with gr.Row():
            apply = gr.Button("Draw with the painted parts", variant="primary")
            clear = gr.Button("Clear the paint")

    inputs = [photo, guests, keep_color]
    for slider in sliders:
        slider.input(
            spoken(partial(preview, context)),
            [*inputs, *sliders],
            result,
            api_visibility="private",
            queue=False,
            trigger_mode="always_last",
            show_progress="hidden",
        )
    gr.on(
        [*(slider.release for slider in sliders), keep_color.input, photo.change, apply.click],
        spoken(partial(mixed, context)),
        [*inputs, paint, *sliders],
        [result, download, note],
        api_visibility="private",
        concurrency_id="model",
        trigger_mode="always_last",
        show_progress_on=result,
    )
    gr.on(
        [parts.expand, photo.change, clear.click],
        spoken(context.canvas),
        photo,
        paint,
        api_visibility="private",
        queue=False,
    )
    return photo, sliders


def show_guests(context: Context, guests: Sequence[str]) -> list[gr.Slider]:
    """The sliders, with those of the visitor's own styles shown."""
    own = list(guests[-GUEST_SLIDERS:])
    shown = [gr.Slider(label=name, visible=True) for name in own]
    unused = [gr.Slider(value=0, visible=False) for _ in range(GUEST_SLIDERS - len(own))]
    return [*(gr.Slider() for _ in context.engine.shipped), *shown, *unused]


def brush_legend(styles: Sequence[str]) -> str:
    """Which color paints which style."""
    dots = [
        f'<span class="dot"><i style="background:{color}"></i>{style}</span>'
        for color, style in zip(BRUSHES, styles, strict=False)
    ]
    return f'<div class="legend">{"".join(dots)}</div>'
