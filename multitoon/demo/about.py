"""The last tab: where the styles come from, what may be done with them, and what this machine can do."""

from __future__ import annotations

import os
import platform

import gradio as gr
import torch

from multitoon import __version__
from multitoon.checkpoint import adapter_facts
from multitoon.demo.context import Context
from multitoon.demo.examples import examples
from multitoon.draw_size import DRAW_SIZE


def about_text(context: Context) -> str:
    """The tab's text, in Markdown; all of it from files and from this machine."""
    settings = context.settings
    styles, licenses = [], {}
    for style in context.engine.shipped:
        facts = adapter_facts(context.engine.folder_of(style))
        styles.append(f"- **{style}**: {facts.get('summary', '')}")
        licenses.setdefault(facts.get("license", "not stated"), []).append(style)
    terms = [f"- {', '.join(names)}: {license}." for license, names in licenses.items()]
    photos = "\n".join(f"- {example.credit}" for example in examples())
    parameters = sum(p.numel() for p in context.engine.toon.network.backbone.parameters())
    return f"""
### What this is
One light network ({parameters / 1e6:.2f} million weights) shared by all styles, and a small adapter for each.
It runs here, on this machine: photos are sent nowhere else, and uploads and toons are deleted after
{settings.keep_seconds // 60} minutes. No statistics are collected.

### Styles
{chr(10).join(styles)}

### Licenses
- The code: MIT.
{chr(10).join(terms)}

### Limits
- Up to {settings.max_megapixels} megapixels and {settings.max_file_size.upper()} per photo. The toon has the
  photo's size; photos over {DRAW_SIZE} pixels are drawn smaller and enlarged along their edges.
- One picture is drawn at a time. {settings.queue_size} may wait; the page shows your place in the line.
- Filling a hole is good for small things on simple ground; it invents no faces.
- Training {"is on" if settings.training else "is off on this page; run it on your own machine"}.

### This machine
multitoon {__version__}, torch {torch.__version__}, Python {platform.python_version()},
{os.cpu_count()} processor cores, drawing on {context.engine.toon.device}.

### Example photos
{photos}
"""


def about_tab(context: Context) -> None:
    """Lay the tab out."""
    gr.Markdown(about_text(context), elem_classes="card", elem_id="about")
