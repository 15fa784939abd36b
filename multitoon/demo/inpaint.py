"""The third tab: draw a hole, watch it being filled, as a photo or as a toon."""

from __future__ import annotations

import queue
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import gradio as gr
from PIL import Image
from torch import Tensor

from multitoon.demo.brush import painted, painting
from multitoon.demo.context import Context
from multitoon.demo.engine import Toon
from multitoon.demo.results import new_file, toon_name, write_toon
from multitoon.demo.stops import Stops, connect
from multitoon.demo.uploads import photo_input, raw_files, read_upload, spoken
from multitoon.errors import UsageError
from multitoon.image import Photo, to_image
from multitoon.inpaint import InpaintOptions, InpaintResult, inpaint

AS_PHOTO = "photo"
"""The choice that fills the hole and draws no toon."""
TIME_BUDGET = 60.0
"""Seconds after which what was found is taken: others wait."""
MOST_STEPS = 200
BETWEEN_PREVIEWS = 0.3
"""Seconds between two pictures of the search."""
HOLE_COLOR = "#ee6c4d"


def hole_of(
    context: Context, photo: Photo, paint: Mapping[str, Any] | None, mask_path: str | None
) -> Image.Image:
    """The hole as a mask of the photo's size, mode L: from an uploaded mask if there is one, else as painted.

    Raises:
        UsageError: an empty mask, or one of another shape than the photo.
        ImageReadError: a mask that is no picture.
    """
    if not mask_path:
        return painted(paint, photo.size_wh)
    mask = read_upload(mask_path, context.settings.max_megapixels).rgb.convert("L")
    if abs(mask.width / mask.height / (photo.size_wh[0] / photo.size_wh[1]) - 1) > 0.02:
        raise UsageError(
            f"The mask has {mask.width} × {mask.height} pixels, the photo {photo.size_wh[0]} × "
            f"{photo.size_wh[1]}.",
            "A mask needs the photo's shape.",
        )
    hole = mask.resize(photo.size_wh, Image.Resampling.NEAREST).point(lambda v: 255 if v > 127 else 0)
    if not hole.getbbox():
        raise UsageError("The mask is black: white is where the photo is to be filled.")
    return hole


def style_of(context: Context, look: str) -> str | None:
    """The style of a look, None for the photo.

    Raises:
        UnknownNameError: neither `photo` nor a style that is here.
    """
    if look == AS_PHOTO:
        return None
    context.engine.folder_of(look)
    return look


def options_of(steps: float | None, seed: float | None) -> InpaintOptions:
    """Steps and seed as typed; empty ones are the usual.

    Raises:
        UsageError: out of range.
    """
    usual = InpaintOptions()
    steps, seed = usual.steps if steps is None else int(steps), usual.seed if seed is None else int(seed)
    if not (0 <= steps <= MOST_STEPS and 0 <= seed < 2**31):
        raise UsageError(f"steps is {steps}, seed {seed}; must be 0 to {MOST_STEPS}, and 0 to {2**31 - 1}.")
    return InpaintOptions(steps=steps, seed=seed, time_budget=TIME_BUDGET)


def fill(
    context: Context,
    stops: Stops,
    photo_path: str | None,
    paint: Mapping[str, Any] | None,
    mask_path: str | None,
    look: str,
    steps: float | None,
    seed: float | None,
    session: str,
) -> Iterator[tuple[str | None, str | None, str]]:
    """Pictures of the search as it goes, then the result, its file, and a line about it.

    Raises:
        UsageError: no hole, or one that does not fit (see `hole_of`).
    """
    stop, pictures = stops.start(session), queue.SimpleQueue()

    def on_step(step: int, loss: float, window: Tensor) -> bool:
        if pictures.empty():
            pictures.put((step, window.detach().clone()))
        return not stop.is_set()

    try:
        if stop.is_set():
            yield None, None, "Stopped before it began."
            return
        path = photo_path or context.sample
        photo = context.read(path)
        hole = hole_of(context, photo, paint, mask_path)
        style, options = style_of(context, look), options_of(steps, seed)
        search = context.engine.submit(
            lambda: inpaint(photo, hole, context.engine.toon, style=style, options=options, on_step=on_step)
        )
        search.add_done_callback(lambda _: pictures.put(None))
        while (seen := pictures.get()) is not None:
            step, window = seen
            file = new_file("search.png")
            to_image(window).save(file, compress_level=1)
            yield str(file), None, f"Filling: step {step}"
            stop.wait(BETWEEN_PREVIEWS)
    finally:  # also when the visitor has gone
        stop.set()
        stops.forget(session)
    yield _shown(path, photo, search.result(), look, options)


def filled_file(
    context: Context,
    photo_path: str | None,
    mask_path: str | None,
    look: str,
    steps: float | None,
    seed: float | None,
) -> str:
    """The filled photo's file alone, for programs; `look` is a style or `photo`, the hole is white.

    Raises:
        UsageError: photo or mask is missing or does not fit.
    """
    if not photo_path or not mask_path:
        raise UsageError("Send a photo and a mask: white is where it is to be filled.")
    photo = context.read(photo_path)
    hole = hole_of(context, photo, None, mask_path)
    style, options = style_of(context, look), options_of(steps, seed)
    result = context.engine.run(
        lambda: inpaint(photo, hole, context.engine.toon, style=style, options=options)
    )
    return _shown(photo_path, photo, result, look, options)[0]


def looks(context: Context, guests: Sequence[str] = ()) -> list[str]:
    """What a filled hole may look like: the photo, or any style that the visitor sees."""
    return [AS_PHOTO, *context.engine.shipped, *guests]


def inpaint_tab(context: Context) -> tuple[gr.Image, gr.Radio]:
    """Lay the tab out and connect it; its photo, and its looks."""
    stops = Stops()
    with gr.Row(equal_height=False):
        with gr.Column(scale=5, min_width=300):
            photo = photo_input("hole-photo", height=160)
            gr.Markdown("Paint over what is to go", elem_classes="hint")
            paint = painting(context.canvas(), [HOLE_COLOR], "hole-paint")
            with gr.Accordion("A mask from a file instead", open=False):
                mask = raw_files(
                    gr.Image(
                        label="White is filled, black is kept",
                        type="filepath",
                        format="png",
                        image_mode=None,
                        sources=["upload"],
                        height=160,
                        buttons=[],
                        elem_id="hole-mask",
                    )
                )
        with gr.Column(scale=5, min_width=320):
            look = gr.Radio(looks(context), value=AS_PHOTO, label="Result", elem_id="hole-look")
            with gr.Row(elem_classes="paired"):
                start = gr.Button("Fill the hole", variant="primary", elem_id="hole-start", min_width=150)
                stop = gr.Button("Stop here", elem_id="hole-stop", min_width=110)
            result = gr.Image(
                label="Filled",
                show_label=False,
                type="filepath",
                format="png",
                interactive=False,
                buttons=["fullscreen"],
                elem_id="hole-result",
                elem_classes=["result", "empty"],
            )
            download = gr.DownloadButton("Download PNG", visible=False, elem_id="hole-download")
            note = gr.Markdown(
                "Paint over something, then fill the hole.", elem_classes="quiet", elem_id="hole-note"
            )
            with gr.Row():
                steps = gr.Slider(
                    0,
                    MOST_STEPS,
                    InpaintOptions().steps,
                    step=5,
                    label="Search after it",
                    elem_id="hole-steps",
                )
                seed = gr.Number(0, label="Seed", precision=0, min_width=90)

    def fill_here(request: gr.Request, *values: Any) -> Iterator[tuple[str, gr.DownloadButton, str]]:
        for picture, file, line in fill(context, stops, *values, session=request.session_hash or ""):
            yield picture, gr.DownloadButton(value=file, visible=file is not None), line

    connect(stops, start, stop)
    start.click(
        spoken(fill_here),
        [photo, paint, mask, look, steps, seed],
        [result, download, note],
        api_visibility="private",
        concurrency_id="model",
        trigger_mode="once",
        show_progress_on=note,
    )
    gr.on(
        [photo.change, paint.clear],
        spoken(context.canvas),
        photo,
        paint,
        api_visibility="private",
        queue=False,
    )
    return photo, look


def _shown(
    path: str, photo: Photo, result: InpaintResult, look: str, options: InpaintOptions
) -> tuple[str, str, str]:
    provenance = {"inpaint": f"seed {options.seed}, {options.steps} steps", "style": look}
    name = toon_name(path, "filled" if look == AS_PHOTO else f"filled.{look}")
    file = write_toon(Toon(result.image, provenance), photo, name)
    notes = "; ".join([f"filled in {result.seconds:.1f} s", *result.notes])
    return file, file, notes[0].upper() + notes[1:]
