"""How far a long piece of work is, for whoever wants to show it."""

from __future__ import annotations

from collections.abc import Callable

Tell = Callable[[str, float, float | None], None]
"""Called as (what is done, how much is done, how much there is or None)."""


def silent(done: str, how_much: float, of: float | None) -> None:
    """Tells no one; where no `Tell` is given."""
