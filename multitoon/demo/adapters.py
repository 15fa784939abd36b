"""The tab of adapters: what is here, with card, license and hash; one from the Hub; one file for others."""

from __future__ import annotations

import dataclasses
import html
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from functools import partial

import gradio as gr

from multitoon.checkpoint import ADAPTER_WEIGHTS, adapter_facts, file_hash
from multitoon.demo.context import Context
from multitoon.demo.mix import read_mix
from multitoon.demo.results import new_file
from multitoon.demo.uploads import spoken
from multitoon.errors import HubError, OutputError, UsageError
from multitoon.lookup import as_repo, find_adapter

EXPORT_SECONDS = 180
"""After which an export is given up; it takes 10 to 20."""
CARD = "README.md"
FIGURES = re.compile(r"^## Figures\n+(.*?)\n*(?=^## |\Z)", re.MULTILINE | re.DOTALL)
"""That section of a card (see `multitoon/card.py`)."""


def describe(context: Context, style: str) -> tuple[str, str]:
    """A table of facts (HTML) and the card (Markdown) of a style that is here.

    Raises:
        UnknownNameError: any other text.
    """
    folder = context.engine.folder_of(style)
    facts = adapter_facts(folder)
    weights = folder / ADAPTER_WEIGHTS
    rows = {
        "style": style,
        "license": facts.get("license", "not stated"),
        "teacher": facts.get("teacher", "not stated"),
        "size": f"{weights.stat().st_size / 1000:.0f} KB, rank {facts.get('adapter', {}).get('rank')}",
        "SHA-256": file_hash(weights),
        "backbone": str(facts.get("backbone_sha256", ""))[:16],
    }
    cells = "".join(
        f"<tr><th>{name}</th><td>{html.escape(str(value))}</td></tr>" for name, value in rows.items()
    )
    card = folder / CARD
    text = card_text(card.read_text(encoding="utf-8")) if card.is_file() else "This adapter has no card."
    return f'<table class="facts">{cells}</table>', text


def mix_example(styles: Sequence[str]) -> str:
    """How a mix is written, with styles that are here: `hayao:0.6,ink:0.4`."""
    return ",".join(f"{style}:{weight}" for style, weight in zip(styles, (0.6, 0.4), strict=False))


def card_text(card: str) -> str:
    """A card without its front matter and pictures, whose files the page does not serve, and with its long
    table of figures folded up."""
    if card.startswith("---\n"):
        card = card.partition("\n---\n")[2]
    card = "\n".join(line for line in card.splitlines() if not line.startswith("![")).strip()
    return FIGURES.sub(r"<details><summary>Figures</summary>\n\n\1\n\n</details>\n\n", card)


def pull(context: Context, repository: str, guests: list[str]) -> tuple[list[str], str]:
    """The visitor's styles with the one fetched from the Hub, and its name here.

    Raises:
        UsageError: the text names no repository; paths of this machine are not taken.
        HubError: it cannot be had. CheckpointError: it does not fit this backbone.
    """
    repo = as_repo(repository.strip())
    if repo is None:
        raise UsageError(
            f"{repository.strip()[:80]!r} names no repository of the Hub.",
            "It should read OWNER/NAME, such as someone/multitoon-ink.",
        )
    if not context.settings.pulling:
        raise HubError("This page fetches no adapters.", "Run `multitoon demo` on your own machine.")
    style = context.engine.add(find_adapter(str(repo)))
    return [*(name for name in guests if name != style), style], style


def export(context: Context, mix: str, precision: str) -> tuple[str, str]:
    """A style or mix (`hayao`, `hayao:0.6,paprika:0.4`) as an ONNX file, and a line about its parity.

    It runs as a process of its own: the exporter's packages take 300 MB that the page would never give back.

    Raises:
        UnknownNameError: a style that is not here; UsageError: no mix; OutputError: it failed.
    """
    weights = read_mix(mix) if ":" in mix else {mix.strip(): 1.0}
    folders = {style: context.engine.folder_of(style) for style in weights}
    target = new_file(f"{'-'.join(weights)}.onnx")
    sources = ",".join(f"{folders[style]}:{weight:g}" for style, weight in weights.items())
    command = [sys.executable, "-m", "multitoon", "export", "--mix", sources, "--precision", precision]
    try:
        done = subprocess.run(
            [*command, "-o", str(target), "--json"], capture_output=True, text=True, timeout=EXPORT_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise OutputError(f"The export took over {EXPORT_SECONDS} s and was given up.") from error
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith(("Error: ", "Hint: "))]
        raise OutputError(" ".join(line.partition(": ")[2] for line in said) or "The export failed.")
    facts = json.loads(done.stdout)
    return str(target), (
        f"{facts['bytes'] / 1e6:.1f} MB, any size of photo; differs from what this page draws by at most "
        f"{facts['max_difference']:.1e} on [-1, 1]."
    )


@dataclasses.dataclass(frozen=True)
class AdaptersTab:
    """The components that other tabs refer to."""

    style: gr.Radio
    export_mix: gr.Textbox


def adapters_tab(context: Context, guests: gr.State) -> AdaptersTab:
    """Lay the tab out and connect it."""
    shipped = context.engine.shipped
    first = describe(context, context.engine.default_style)
    with gr.Row(equal_height=False):
        with gr.Column(scale=4, min_width=300):
            style = gr.Radio(
                shipped, value=context.engine.default_style, label="Styles here", elem_id="adapter"
            )
            facts = gr.HTML(first[0], padding=False, elem_id="facts")
            with gr.Group():
                repository = gr.Textbox(
                    label="Fetch one from the Hugging Face Hub",
                    placeholder="someone/multitoon-ink",
                    max_lines=1,
                    elem_id="repository",
                )
                fetch = gr.Button("Fetch", elem_id="fetch")
            with gr.Group():
                mix = gr.Textbox(
                    context.engine.default_style,
                    label="One plain network for other programs: a style, or a mix",
                    info=f"What was drawn last, or as typed: {mix_example(shipped)}",
                    max_lines=1,
                    elem_id="export-mix",
                )
                precision = gr.Radio(["fp32", "fp16"], value="fp32", label="Precision")
                make = gr.Button("Export as ONNX", elem_id="export")
            file = gr.DownloadButton("Download ONNX", visible=False, variant="primary", elem_id="onnx")
            parity = gr.Markdown(elem_classes="quiet")
        with gr.Column(scale=6, min_width=320):
            card = gr.Markdown(first[1], elem_id="card", elem_classes="card")

    style.change(
        spoken(partial(describe, context)), style, [facts, card], api_visibility="private", queue=False
    )
    style.input(lambda name: name, style, mix, api_visibility="private", queue=False)

    def fetched(text: str, names: list[str]) -> tuple[list[str], gr.Radio]:
        names, new = pull(context, text, names)
        return names, gr.Radio([*shipped, *names], value=new)

    gr.on(
        [fetch.click, repository.submit],
        spoken(fetched),
        [repository, guests],
        [guests, style],
        api_visibility="private",
        concurrency_id="model",
    )

    def exported(text: str, kind: str) -> tuple[gr.DownloadButton, str]:
        path, line = export(context, text, kind)
        return gr.DownloadButton(value=path, visible=True), line

    make.click(
        spoken(exported),
        [mix, precision],
        [file, parity],
        api_visibility="private",
        concurrency_id="model",
        trigger_mode="once",
    )
    return AdaptersTab(style, mix)
