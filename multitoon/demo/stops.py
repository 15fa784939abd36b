"""Visitors' wishes that a long job should end."""

from __future__ import annotations

import threading


class Stops:
    """One wish per visitor (Gradio's session) and kind of job."""

    def __init__(self) -> None:
        self._events: dict[str, threading.Event] = {}

    def start(self, session: str) -> threading.Event:
        """A new wish, not yet made, for the job that the visitor starts."""
        self._events[session] = threading.Event()
        return self._events[session]

    def stop(self, session: str) -> None:
        """Make the wish, if the visitor has a job."""
        if session in self._events:
            self._events[session].set()

    def forget(self, session: str) -> None:
        """The job has ended."""
        self._events.pop(session, None)
