"""Visitors' wishes that a long job should end."""

from __future__ import annotations

import threading

import gradio as gr


class Stops:
    """One wish per visitor (Gradio's session) and kind of job."""

    def __init__(self) -> None:
        self._events: dict[str, threading.Event] = {}

    def expect(self, session: str) -> None:
        """The visitor has asked for a job, which may have to wait in line: from now on a wish is heard."""
        if session not in self._events or self._events[session].is_set():
            self._events[session] = threading.Event()

    def start(self, session: str) -> threading.Event:
        """The wish of the visitor whose job starts; made already if it came while the job was waiting."""
        return self._events.setdefault(session, threading.Event())

    def stop(self, session: str) -> None:
        """Make the wish, if the visitor has a job."""
        if session in self._events:
            self._events[session].set()

    def forget(self, session: str) -> None:
        """The job has ended."""
        self._events.pop(session, None)


def connect(stops: Stops, start: gr.Button, stop: gr.Button) -> None:
    """Let `stop` end the visitor's job that `start` begins, from the click on, also while it waits in line.

    To be called before `start` is given its job: its handlers run in the order in which they were added.
    """

    def expect_here(request: gr.Request) -> None:
        stops.expect(request.session_hash or "")

    def stop_here(request: gr.Request) -> None:
        stops.stop(request.session_hash or "")

    for button, handler in ((start, expect_here), (stop, stop_here)):
        button.click(handler, None, None, queue=False, api_visibility="private", show_progress="hidden")
