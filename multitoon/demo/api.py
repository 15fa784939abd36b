"""The page's public names: what programs call, with results as plain files.

They are the handlers of the tabs on inputs of their own, so that moving a button changes no one's program.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import gradio as gr

from multitoon.demo.adapters import export, pull
from multitoon.demo.context import Context
from multitoon.demo.inpaint import AS_PHOTO, filled_file
from multitoon.demo.mix import mix_file
from multitoon.demo.stylize import all_styles_files, toon_file
from multitoon.demo.uploads import raw_files, spoken
from multitoon.demo.your_style import FEWEST, MOST, STEPS, trained_file


def public_names(context: Context) -> None:
    """Connect `/styles`, `/stylize`, `/all_styles`, `/mix`, `/inpaint`, `/export`, `/pull` and `/train`."""
    default = context.engine.default_style

    def photo(label: str = "photo") -> gr.Image:
        return raw_files(gr.Image(type="filepath", format="png", image_mode=None, label=label, visible=False))

    def number(value: float, label: str) -> gr.Number:
        return gr.Number(value, label=label, visible=False)

    style = gr.Textbox(default, label="style", visible=False)
    keep_color = gr.Checkbox(False, label="preserve_color", visible=False)
    file = gr.File(visible=False)
    files = gr.File(visible=False, file_count="multiple")
    names = gr.JSON(visible=False)
    source = photo()

    def public(
        name: str,
        handler: Callable[..., Any],
        inputs: list[Any],
        outputs: Any,
        about: str,
        line: str = "model",
    ) -> None:
        gr.Button(visible=False).click(
            spoken(handler),
            inputs,
            outputs,
            api_name=name,
            api_description=about,
            concurrency_id=line,
        )

    public("styles", lambda: context.engine.shipped, [], names, "The names of the styles.")
    public(
        "stylize",
        partial(toon_file, context),
        [source, style, number(1, "strength"), keep_color],
        file,
        "The toon of a photo as a PNG file of the same size. strength: 0 to 1.5.",
    )
    public(
        "all_styles",
        partial(all_styles_files, context),
        [source, number(1, "strength"), keep_color],
        files,
        "The photo, at most 768 pixels large, in every style, as PNG files.",
    )
    public(
        "mix",
        partial(mix_file, context),
        [source, gr.Textbox(f"{default}:1", label="mix", visible=False), keep_color],
        file,
        "The photo under several styles at once, such as hayao:0.6,paprika:0.4, as a PNG file.",
    )
    public(
        "inpaint",
        partial(filled_file, context),
        [
            source,
            photo("mask"),
            gr.Textbox(AS_PHOTO, label="look", visible=False),
            number(30, "steps"),
            number(0, "seed"),
        ],
        file,
        "The photo, filled where the mask is white, as a photo or in a style, as a PNG file.",
    )
    public(
        "export",
        lambda mix, precision: export(context, mix, precision)[0],
        [
            gr.Textbox(default, label="mix", visible=False),
            gr.Textbox("fp32", label="precision", visible=False),
        ],
        file,
        "A style or a mix as one plain ONNX network. precision: fp32 or fp16.",
    )
    public(
        "pull",
        lambda repository: pull(context, repository, [])[1],
        [gr.Textbox(label="repository", visible=False)],
        gr.Textbox(label="style", visible=False),
        "An adapter of the Hugging Face Hub, OWNER/NAME, for the other calls; the name it goes by here.",
    )
    public(
        "train",
        partial(trained_file, context),
        [
            gr.File(visible=False, file_count="multiple", label="pictures"),
            gr.Textbox("my-style", label="name", visible=False),
            number(STEPS, "steps"),
        ],
        file,
        f"An adapter trained on {FEWEST} to {MOST} pictures of one style, as a ZIP file, in some minutes.",
        line="training",
    )
