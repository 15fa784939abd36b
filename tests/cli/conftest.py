from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from multitoon.cli import main


@pytest.fixture
def run() -> Callable[..., Result]:
    """`multitoon` with the given words, in this process: exit code, stdout, stderr."""

    def invoke(*words: object) -> Result:
        return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)

    return invoke
