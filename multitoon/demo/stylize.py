"""The first tab: a photo, a tile, a toon."""

from __future__ import annotations

import dataclasses
import time
from functools import partial

import gradio as gr

from multitoon.demo.context import Context
from multitoon.demo.examples import examples
from multitoon.demo.look import tiles_css
from multitoon.demo.results import shown, toon_name, write_toon
from multitoon.demo.uploads import photo_input, spoken
from multitoon.errors import UsageError

GALLERY_SIZE = 768
"""Longer side in pixels of the pictures in the gallery of all styles."""


def stylize(
    context: Context, photo_path: str | None, style: str | None, strength: float, keep_color: bool
) -> tuple[tuple[str, str], str, str]:
    """Photo and toon for the slider, the toon's file for the download, and a line about it.

    Without a photo the example is drawn, so that a tile always shows something.
    """
    path = photo_path or context.sample
    style = style or context.engine.default_style
    if (path, style) in context.drawn and strength == 1 and not keep_color:
        toon = context.drawn[path, style]
        return (path, toon), toon, credit_of(path)
    photo = context.read(path)
    started = time.perf_counter()
    toon = context.engine.draw(photo, {style: 1.0}, strength, preserve_color=keep_color)
    seconds = time.perf_counter() - started
    file = write_toon(toon, photo, toon_name(path, style))
    width, height = photo.size_wh
    return (shown(path, photo), file), file, f"{width} × {height} pixels, drawn in {seconds:.1f} s"


def all_styles(
    context: Context, photo_path: str | None, guests: list[str], strength: float, keep_color: bool
) -> list[tuple[str, str]]:
    """The photo, at most `GALLERY_SIZE` pixels large, in every style, with the styles' names."""
    path = photo_path or context.sample
    photo = context.read(path).scaled(GALLERY_SIZE)
    toons = []
    for style in [*context.engine.shipped, *guests]:
        toon = context.engine.draw(photo, {style: 1.0}, strength, preserve_color=keep_color)
        toons.append((write_toon(toon, photo, toon_name(path, style)), style))
    return toons


def toon_file(
    context: Context, photo_path: str | None, style: str, strength: float | None, keep_color: bool
) -> str:
    """The toon's file alone, for programs.

    Raises:
        UsageError: no photo.
    """
    if not photo_path:
        raise UsageError("There is no photo: send one as the first argument.")
    photo = context.read(photo_path)
    strength = 1.0 if strength is None else strength
    toon = context.engine.draw(photo, {style: 1.0}, strength, preserve_color=keep_color)
    return write_toon(toon, photo, toon_name(photo_path, style))


def all_styles_files(
    context: Context, photo_path: str | None, strength: float | None, keep_color: bool
) -> list[str]:
    """The files of `all_styles` alone, for programs.

    Raises:
        UsageError: no photo.
    """
    if not photo_path:
        raise UsageError("There is no photo: send one as the first argument.")
    strength = 1.0 if strength is None else strength
    return [file for file, _ in all_styles(context, photo_path, [], strength, keep_color)]


def credit_of(path: str) -> str:
    """Who made the example at `path`; empty for any other photo."""
    return next((f"Example: {e.credit}" for e in examples() if str(e.path) == path), "")


@dataclasses.dataclass(frozen=True)
class StylizeTab:
    """The components that other tabs and the public names refer to."""

    photo: gr.Image
    style: gr.Radio
    strength: gr.Slider
    keep_color: gr.Checkbox
    tiles: gr.HTML


def stylize_tab(context: Context, guests: gr.State) -> StylizeTab:
    """Lay the tab out and connect it; anything that changes draws anew."""
    engine = context.engine
    first = context.sample, context.drawn[context.sample, engine.default_style]
    tiles = gr.HTML(tile_pictures(context, engine.shipped), elem_classes="unseen", padding=False)
    with gr.Row(equal_height=False, elem_id="stylize-row"):
        with gr.Column(scale=4, min_width=300):
            photo = photo_input("photo")
            style = gr.Radio(
                engine.shipped,
                value=engine.default_style,
                show_label=False,
                label="Style",
                elem_id="style",
                elem_classes="tiles",
                container=False,
            )
            strength = gr.Slider(0, 1.5, 1, step=0.05, label="Strength", elem_id="strength")
            keep_color = gr.Checkbox(False, label="Keep the photo's colors", elem_id="keep-color")
            gr.Examples(
                [[str(example.path)] for example in examples()],
                [photo],
                label="Or try one of these",
                examples_per_page=8,
                api_visibility="private",
            )
        with gr.Column(scale=6, min_width=320):
            slider = gr.ImageSlider(
                first,
                label="Before and after",
                show_label=False,
                type="filepath",
                format="png",
                interactive=False,
                max_height=560,
                buttons=["fullscreen"],
                elem_id="before-after",
            )
            with gr.Row(elem_id="toon-buttons", elem_classes="paired"):
                download = gr.DownloadButton(
                    "Download PNG", value=first[1], variant="primary", elem_id="download", min_width=130
                )
                every = gr.Button("Show all styles", elem_id="all-styles-button", min_width=130)
            note = gr.Markdown(credit_of(context.sample), elem_classes="quiet", elem_id="note")
    gallery = gr.Gallery(
        label="All styles",
        columns=4,
        height="auto",
        format="png",
        object_fit="contain",
        visible=False,
        interactive=False,
        buttons=["download", "fullscreen"],
        elem_id="all-styles",
        elem_classes="shelf",
    )
    gr.on(
        [photo.change, style.input, strength.release, keep_color.input],
        spoken(partial(stylize, context)),
        [photo, style, strength, keep_color],
        [slider, download, note],
        api_visibility="private",
        concurrency_id="model",
        trigger_mode="always_last",
        show_progress_on=slider,
    )
    every.click(lambda: gr.Gallery(visible=True), None, gallery, queue=False, api_visibility="private").then(
        spoken(partial(all_styles, context)),
        [photo, guests, strength, keep_color],
        gallery,
        api_visibility="private",
        concurrency_id="model",
        trigger_mode="once",
    )
    return StylizeTab(photo, style, strength, keep_color, tiles)


def tile_pictures(context: Context, styles: list[str]) -> str:
    """The pictures of the tiles of `styles`, as a `<style>` element."""
    return tiles_css({style: context.tile(style) for style in styles}, {style: style for style in styles})
