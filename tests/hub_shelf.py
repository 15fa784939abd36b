"""A Hub with one style on it, `someone/multitoon-ink`, and what a fetch from it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from multitoon.errors import HubError
from multitoon.hub import fetch
from multitoon.lookup import Repo

INK = Repo("someone/multitoon-ink")
WEIGHTS = "adapter_model.safetensors"


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def failure(repo: Repo = INK, **options: object) -> tuple[str, str]:
    """What a fetch says: the sentence, and the next command."""
    with pytest.raises(HubError) as caught:
        fetch(repo, **options)
    assert caught.value.message.count("\n") == 0
    return caught.value.message, caught.value.hint
