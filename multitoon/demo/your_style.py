"""The tab of one's own style: pictures in, a short training, samples that grow, an adapter out."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
import yaml
from PIL import Image

from multitoon.checkpoint import ADAPTER_CONFIG, ADAPTER_WEIGHTS
from multitoon.demo.context import Context
from multitoon.demo.examples import PHOTOS
from multitoon.demo.results import new_file, own_folder
from multitoon.demo.stops import Stops, connect
from multitoon.demo.training import Training, copy_pictures
from multitoon.demo.uploads import spoken
from multitoon.errors import TrainingError, UsageError
from multitoon.lookup import check_style

FEWEST, MOST = 20, 200
"""Pictures of the style."""
BEGINNING = "hayao"
"""The adapter that each starts from where it is shipped: it draws already."""
HUES = 8
"""Turns of the color circle in which the example photos are learnt from."""
STEPS = 400
"""Of the whole training, unless the visitor says otherwise."""
MOST_STEPS = 2000
SAMPLES = 5
"""How many grids of samples there are on the way; each costs a checkpoint and its figures."""
POLL = 1.0
"""Seconds between two looks at the run."""

HOW = f"""
### A look of your own
1. Drop {FEWEST} to {MOST} pictures of one look: paintings, film stills or drawings, best by one hand.
2. Give it a name and press **Train**. It takes some minutes; toons appear here and get better.
3. Then it is a style like the others: on the first tab, in mixes, in holes, and as a file to keep.

Pictures and photos stay on this machine, and are deleted afterwards.
"""

Shown = tuple[str, str | None, str | None, list[str]]
"""A line, the newest samples, the file of the adapter when there is one, and the visitor's styles."""


def recipe(steps: int) -> dict[str, Any]:
    """A config for `train-adapter` that needs no weights but ours, for a run from the adapter `BEGINNING`.

    Two thirds on pairs in the measured light of the pictures, then before a critic that sees them.
    """
    pairs = max(1, 2 * steps // 3)
    return {
        "tasks": [
            {
                "style": "own",
                "pairs": "abstraction",
                "measured_light": True,
                "target": {"outline": {"ink": 0.6, "width": "medium", "crowd": 0.04}},
            }
        ],
        "border": 4,
        "optimizer": "muon",
        "ema": 0.98,
        "phases": [
            {
                "steps": pairs,
                "crop": 96,
                "rate": 1.5e-3,
                "final_rate": 6e-4,
                "weights": {"distill": 1.0, "line": 0.5, "detail": 0.3},
            },
            {
                "steps": max(1, steps - pairs),
                "crop": 96,
                "rate": 6e-4,
                "final_rate": 2e-5,
                "freeze_statistics": True,
                "weights": {"distill": 0.5, "line": 0.3, "detail": 0.2, "style": 0.06, "tv": 0.3},
            },
        ],
        "style_critic": {"objective": "animegan", "gray": False},
    }


def style_name(text: str) -> str:
    """What was typed, as a style may be called: `My ink!` is `my-ink`.

    Raises:
        UsageError: nothing of it is left.
    """
    return check_style(re.sub(r"[^a-z0-9_]+", "-", text.strip().lower()).strip("-_"))


def check_pictures(paths: Sequence[str] | None) -> list[str]:
    """The uploads, if their number will do.

    Raises:
        UsageError: fewer than `FEWEST`, or more than `MOST`.
    """
    paths = list(paths or [])
    if not FEWEST <= len(paths) <= MOST:
        raise UsageError(f"{len(paths)} pictures of the style; wanted {FEWEST} to {MOST}.")
    return paths


def turn_hues(photos: Sequence[Path], folder: Path) -> None:
    """Write `photos` into `folder` in `HUES` turns of the color circle each.

    Four photos don't hold all colors, and what a color becomes is learnt from photos that have it.
    """
    for photo in photos:
        with Image.open(photo) as opened:
            hue, *rest = opened.convert("HSV").split()
        for turn in range(HUES):
            turned = hue.point([(level + 256 * turn // HUES) % 256 for level in range(256)])
            Image.merge("HSV", (turned, *rest)).convert("RGB").save(folder / f"{photo.stem}-{turn}.png")


def train(
    context: Context,
    stops: Stops,
    pictures: Sequence[str] | None,
    photos: Sequence[str] | None,
    name: str,
    steps: float,
    guests: list[str],
    session: str,
) -> Iterator[Shown]:
    """The run as it goes; at its end the style is among the visitor's, and its adapter a file.

    Raises:
        UsageError: too few pictures, no name, or no number of steps.
        TrainingError: switched off, busy, or stopped by an error.
    """
    if not context.settings.training:
        raise TrainingError("Training is off on this page.", "Run `multitoon demo` on your own machine.")
    stop, home = stops.start(session), own_folder("run")
    try:
        if stop.is_set():
            yield "Stopped before it began.", None, None, guests
            return
        style, paths = style_name(name), check_pictures(pictures)
        if not 1 <= steps <= MOST_STEPS:
            raise UsageError(f"steps is {steps:g}, must be 1 to {MOST_STEPS}.")
        copy_pictures(paths, home / "style")
        copy_pictures(photos or [], home / "photos")
        turn_hues(sorted(PHOTOS.glob("*.jpg")), home / "photos")
        (home / "recipe.yaml").write_text(yaml.safe_dump(recipe(int(steps))), encoding="utf-8")
        words = ["--style", style, "--style-images", str(home / "style"), "--photos", str(home / "photos")]
        words += ["--config", str(home / "recipe.yaml"), "--skip-doctor"]
        if BEGINNING in context.engine.shipped:
            words += ["--init-from", str(context.engine.folder_of(BEGINNING))]
        words += ["--checkpointing-steps", str(max(1, int(steps) // SAMPLES))]
        run = home / "run"
        with Training(run, words) as training:
            seen, sample = None, None
            while (progress := training.progress()).running and not stop.is_set():
                if progress != seen:
                    if progress.sample and (seen is None or progress.sample != seen.sample):
                        sample = _copied(progress.sample)
                    seen = progress
                    yield progress.line, sample, None, guests
                stop.wait(POLL)
            if progress.running:
                yield "Stopped; nothing was kept.", sample, None, guests
                return
            if progress.sample:
                sample = _copied(progress.sample)
        kept = own_folder("style") / style
        shutil.copytree(run / style, kept)
        new = context.engine.add(kept)
    finally:
        stops.forget(session)
        shutil.rmtree(home, ignore_errors=True)
    line = f"**{new}** is ready: it is among the styles of the other tabs."
    yield line, sample, _zipped(kept), [*(name for name in guests if name != new), new]


def trained_file(
    context: Context, pictures: Sequence[str] | None, name: str, steps: float | None
) -> Iterator[str | None]:
    """None while the training goes on, then the adapter's file alone, for programs.

    Raises:
        UsageError, TrainingError: as in `train`.
    """
    steps = STEPS if steps is None else steps
    # Wishes of its own: no button stops it, the program's leaving does.
    for _, _, file, _ in train(context, Stops(), pictures, None, name, steps, [], "program"):
        yield file


def your_style_tab(context: Context, guests: gr.State) -> None:
    """Lay the tab out and connect it, or say where it is on."""
    if not context.settings.training:
        gr.Markdown(
            "### Your own style\nTraining takes minutes of a whole machine, so it is off on this page. "
            "On your own: `pip install 'multitoon[demo,train]'`, then `multitoon demo`.",
            elem_classes="card",
        )
        return
    stops = Stops()
    with gr.Row(equal_height=False):
        with gr.Column(scale=4, min_width=300):
            pictures = gr.File(
                label=f"{FEWEST} to {MOST} pictures in the style",
                file_count="multiple",
                file_types=["image"],
                height=200,
                elem_id="style-pictures",
            )
            name = gr.Textbox("my-style", label="Its name", max_lines=1, elem_id="style-name")
            with gr.Accordion("More", open=False):
                photos = gr.File(
                    label="Photos to practice on, beside the examples",
                    file_count="multiple",
                    file_types=["image"],
                    height=170,
                )
                steps = gr.Slider(
                    50,
                    MOST_STEPS,
                    STEPS,
                    step=50,
                    label="Steps: more is better, and longer",
                    elem_id="train-steps",
                )
            with gr.Row(elem_classes="paired"):
                start = gr.Button("Train", variant="primary", elem_id="train", min_width=150)
                stop = gr.Button("Stop", elem_id="train-stop", min_width=110)
            note = gr.Markdown("Nothing is being trained.", elem_classes="quiet", elem_id="train-note")
        with gr.Column(scale=6, min_width=320):
            gr.Markdown(HOW, elem_classes=["card", "steps"])
            sample = gr.Image(
                label="Photos, and their toons so far",
                visible=False,
                type="filepath",
                format="png",
                interactive=False,
                buttons=["fullscreen"],
                elem_id="train-sample",
                elem_classes="result",
            )
            download = gr.DownloadButton("Download the adapter", visible=False, elem_id="train-download")

    def train_here(request: gr.Request, *values: Any) -> Iterator[tuple[Any, ...]]:
        session = request.session_hash or ""
        for line, grid, file, names in train(context, stops, *values, session=session):
            picture = gr.Image(value=grid, visible=grid is not None)
            yield line, picture, gr.DownloadButton(value=file, visible=file is not None), names

    connect(stops, start, stop)
    start.click(
        spoken(train_here),
        [pictures, photos, name, steps, guests],
        [note, sample, download, guests],
        api_visibility="private",
        concurrency_id="training",
        trigger_mode="once",
        show_progress_on=note,
    )


def _copied(sample: Path) -> str:
    """A sample where the page may serve it."""
    target = new_file(f"{sample.stem}.png")
    shutil.copyfile(sample, target)
    return str(target)


def _zipped(adapter: Path) -> str:
    target = new_file(f"{adapter.name}.zip")
    with zipfile.ZipFile(target, "w") as archive:
        for name in (ADAPTER_CONFIG, ADAPTER_WEIGHTS):
            archive.write(adapter / name, f"{adapter.name}/{name}")
    return str(target)
