"""Strict YAML: types, nearest names, overrides."""

from __future__ import annotations

import dataclasses
from typing import Literal

import pytest

from multitoon.config import from_dict, parse_config, to_dict
from multitoon.errors import ConfigError


@dataclasses.dataclass(frozen=True)
class Optim:
    rate: float = 1e-3
    steps: int = 10


@dataclasses.dataclass(frozen=True)
class Run:
    name: str
    optim: Optim = Optim()
    kind: Literal["a", "b"] = "a"
    sizes: tuple[int, ...] = ()
    limit: int | None = None


@dataclasses.dataclass(frozen=True)
class Album:
    runs: tuple[Run, ...]


def test_reads_what_pyyaml_takes_for_a_string() -> None:
    run = parse_config(Run, "{name: x, optim: {rate: 1e-4}, sizes: [1, 2]}")
    assert run == Run("x", Optim(rate=1e-4), sizes=(1, 2))


def test_round_trips_through_plain_data() -> None:
    run = Run("x", Optim(2.0, 3), "b", (4,), 5)
    assert from_dict(Run, to_dict(run)) == run


def test_overrides_win() -> None:
    run = parse_config(Run, "{name: x, optim: {steps: 3}}", ["optim.rate=2e-4", "limit=7"])
    assert run == Run("x", Optim(2e-4, 3), limit=7)


def test_overrides_reach_into_lists_by_number() -> None:
    assert parse_config(Run, "{name: x, sizes: [1, 2]}", ["sizes.1=5"]).sizes == (1, 5)
    runs = parse_config(Album, "{runs: [{name: x}, {name: y}]}", ["runs.1.optim.steps=3"]).runs
    assert runs == (Run("x"), Run("y", Optim(steps=3)))


@pytest.mark.parametrize(
    "override", ["sizes.2=5", "sizes.last=5", "sizes.-1=5", "name.first=y", "name.x.y=5"]
)
def test_overrides_that_lead_nowhere_say_where(override: str) -> None:
    with pytest.raises(ConfigError, match=override.partition("=")[0]):
        parse_config(Run, "{name: x, sizes: [1, 2]}", [override])


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("{name: x, optim: {step: 3}}", r"optim\.step: unknown key; known: rate, steps", "'steps'"),
        ("{name: x, kind: c}", r"kind: 'c' should be one of a, b", ""),
        ("{name: x, optim: {steps: 1.5}}", r"optim\.steps: 1\.5 should be of type int", ""),
        ("{name: x, sizes: [1, two]}", r"sizes\[1\]: 'two' should be of type int", ""),
        ("{}", "config: missing name", ""),
        ("[1]", "should be a mapping", ""),
        ("{name: [}", "not YAML", ""),
    ],
)
def test_errors_name_the_place(text: str, message: str, hint: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        parse_config(Run, text)
    assert hint in caught.value.hint
