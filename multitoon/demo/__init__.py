"""The page in the browser: pick a style, see it, draw a hole.

>>> from multitoon.demo import build, launch                                            # doctest: +SKIP
>>> launch(build(), server_port=7860)                                                   # doctest: +SKIP
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

from multitoon.demo.settings import DemoSettings
from multitoon.errors import MissingExtraError

if TYPE_CHECKING:
    import gradio as gr

__all__ = ["DemoSettings", "build", "launch"]


def build(settings: DemoSettings | None = None) -> gr.Blocks:
    """The page with its model loaded and warm; `settings=None` takes those of this place.

    Raises:
        MissingExtraError: gradio is not installed.
        CheckpointError: the shipped weights are damaged.
    """
    if importlib.util.find_spec("gradio") is None:
        raise MissingExtraError("The demo", "demo")
    from multitoon.demo.page import build_page

    return build_page(settings or DemoSettings.from_environment())


def launch(page: gr.Blocks, settings: DemoSettings | None = None, **options: object) -> str:
    """Serve `page`, in its looks and within its limits, and return its address.

    Args:
        options: what `gradio.Blocks.launch` takes, such as `server_port=7860` or `prevent_thread_lock=True`.
    """
    from multitoon.demo.page import launch_options

    _, address, _ = page.launch(**launch_options(settings or DemoSettings.from_environment()), **options)
    return address
