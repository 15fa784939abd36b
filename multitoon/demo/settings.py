"""What the page allows: one set of limits for a laptop, a tighter one for a public Space."""

from __future__ import annotations

import dataclasses
import os


@dataclasses.dataclass(frozen=True)
class DemoSettings:
    """Limits and switches of one page."""

    training: bool = True
    """Whether visitors may train a style: minutes of both cores, so not on a public Space."""
    pulling: bool = True
    """Whether visitors may fetch adapters from the Hub."""
    max_megapixels: int = 40
    """Larger photos are refused by their header: unpacked, 40 megapixels and their toon fill 500 MB."""
    max_file_size: str = "30mb"
    """Larger uploads are refused by the server while they come in."""
    queue_size: int = 32
    """Requests that may wait; further ones are told to come back."""
    keep_seconds: int = 1800
    """Uploads and results older than this are deleted."""

    @classmethod
    def from_environment(cls) -> DemoSettings:
        """The settings for this place: on a Hugging Face Space (`SPACE_ID` is set) training is off.

        `MULTITOON_DEMO_TRAINING=1` or `0` overrides that.
        """
        training = os.environ.get("MULTITOON_DEMO_TRAINING", "0" if "SPACE_ID" in os.environ else "1")
        return cls(training=training == "1")
