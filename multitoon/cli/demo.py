"""`multitoon demo`: the page in the browser."""

from __future__ import annotations

import dataclasses
import signal
import sys
import threading

import click

from multitoon.cli.output import talk


@click.command(short_help="Open the page in the browser: stylize, mix, inpaint, train.")
@click.option("--host", default="127.0.0.1", show_default=True, help="0.0.0.0 lets the whole network in.")
@click.option("--port", type=click.IntRange(0, 65535), help="[default: the first free one from 7860]")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.option("--no-training", is_flag=True, help="Visitors may not train styles.")
def demo(host: str, port: int | None, no_browser: bool, no_training: bool) -> None:
    """Open the page in the browser, and serve it until Ctrl-C.

    \b
    multitoon demo
    multitoon demo --host 0.0.0.0 --port 8000 --no-browser --no-training

    Photos stay on this machine; uploads and toons are deleted after half an hour, and when the page ends.
    """
    from multitoon.demo import DemoSettings, build, launch

    # Ended by a service manager, it still removes its temporary files.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    talk("Loading the styles; this takes some seconds.")
    settings = DemoSettings.from_environment()
    if no_training:
        settings = dataclasses.replace(settings, training=False)
    page = build(settings)
    address = launch(
        page,
        settings,
        server_name=host,
        server_port=port,
        inbrowser=not no_browser,
        prevent_thread_lock=True,
        quiet=True,
    )
    click.echo(address)
    talk("Ctrl-C ends it.")
    try:
        threading.Event().wait()
    finally:
        page.close(verbose=False)
