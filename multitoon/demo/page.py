"""The page as a whole: its tabs, and how it is served."""

from __future__ import annotations

import gradio as gr

from multitoon.cli.drawing import in_words
from multitoon.demo.about import about_tab
from multitoon.demo.adapters import adapters_tab
from multitoon.demo.api import public_names
from multitoon.demo.context import Context
from multitoon.demo.inpaint import inpaint_tab, looks
from multitoon.demo.look import CSS, theme
from multitoon.demo.mix import mix_tab, show_guests, weights_of
from multitoon.demo.results import Sweeper, own_temp_folder
from multitoon.demo.settings import DemoSettings
from multitoon.demo.stylize import stylize_tab, tile_pictures
from multitoon.demo.your_style import your_style_tab

TITLE = """<div id="title"><h1>multi<b>toon</b></h1><p>Drop a photo. Pick a look.</p></div>"""


def build_page(settings: DemoSettings) -> gr.Blocks:
    """The page, with its model loaded and warm."""
    folder = own_temp_folder()
    context = Context.prepared(settings)
    shipped = context.engine.shipped
    with gr.Blocks(title="multitoon", analytics_enabled=False) as page:
        gr.HTML(TITLE, padding=False)
        guests = gr.State([])
        with gr.Tabs():
            with gr.Tab("Stylize", id="stylize"):
                stylize = stylize_tab(context, guests)
            with gr.Tab("Mix", id="mix") as mix:
                mix_photo, sliders = mix_tab(context, guests)
            with gr.Tab("Inpaint", id="inpaint") as inpaint:
                hole_photo, look = inpaint_tab(context)
            with gr.Tab("Your style", id="your-style"):
                your_style_tab(context, guests)
            with gr.Tab("Adapters", id="adapters"):
                adapters = adapters_tab(context, guests)
            with gr.Tab("About", id="about"):
                about_tab(context)
        public_names(context)

        # A photo that is here already need not be chosen again.
        for tab, photo in ((mix, mix_photo), (inpaint, hole_photo)):
            tab.select(
                lambda there, new: there or new,
                [photo, stylize.photo],
                photo,
                queue=False,
                show_progress="hidden",
                api_visibility="private",
            )
        # What was drawn last is what is exported, unless something else is typed.
        stylize.style.input(
            lambda style: style, stylize.style, adapters.export_mix, queue=False, api_visibility="private"
        )
        gr.on(
            [slider.release for slider in sliders],
            lambda names, *weights: in_words(weights_of(context, names, weights)),
            [guests, *sliders],
            adapters.export_mix,
            queue=False,
            show_progress="hidden",
            api_visibility="private",
        )
        guests.change(
            lambda names: (
                gr.Radio([*shipped, *names]),
                tile_pictures(context, [*shipped, *names]),
                gr.Radio([*shipped, *names]),
                gr.Radio(looks(context, names)),
                *show_guests(context, names),
            ),
            guests,
            [stylize.style, stylize.tiles, adapters.style, look, *sliders],
            api_visibility="private",
            concurrency_id="model",
        )
    Sweeper(folder, settings.keep_seconds).start()
    page.queue(max_size=settings.queue_size, default_concurrency_limit=1)
    return page


def launch_options(settings: DemoSettings) -> dict[str, object]:
    """What `Blocks.launch` is told beyond host and port."""
    return {
        "theme": theme(),
        "css": CSS,
        "max_file_size": settings.max_file_size,
        "ssr_mode": False,
        "footer_links": ["api"],
    }
