from __future__ import annotations

import contextlib
import time

import pytest

pytest.importorskip("accelerate")

from multitoon.train.clock import Clock


def test_a_part_inside_another_is_taken_out_of_it() -> None:
    clock = Clock()
    with clock("outer"):
        time.sleep(0.02)
        with clock("inner"):
            time.sleep(0.06)
    assert clock.seconds["inner"] >= 0.06
    assert 0.02 <= clock.seconds["outer"] < 0.06
    assert clock.shares().startswith("inner ")


def test_parts_add_up_and_a_failure_counts_too() -> None:
    clock = Clock()
    for _ in range(2):
        with contextlib.suppress(ZeroDivisionError), clock("part"):
            time.sleep(0.01)
            _ = 1 / 0
    assert clock.seconds["part"] >= 0.02
