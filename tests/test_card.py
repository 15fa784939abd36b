"""The card says what the files say, and no number that was not measured."""

from __future__ import annotations

import pytest

from multitoon.card import adapter_card

FACTS = {
    "adapter": {"style": "ink"},
    "backbone_sha256": "ab" * 32,
    "summary": "Ink on paper.",
    "teacher": "a painter",
    "data": "ten photos",
    "license": "CC0",
    "history": "From nothing.",
    "limits": "No color.",
    "training": {"steps": 1234, "seconds": 90, "hardware": "two cores", "torch": "2.13"},
}
FIGURES = {
    "command": "multitoon evaluate --style ink --photos val/",
    "pictures": 12,
    "ssim": 0.81234,
    "teacher": {"detail": {"toon": 0.9, "photo": 0.8}},
}


def test_card_holds_facts_and_figures_with_their_command() -> None:
    card = adapter_card(FACTS, FIGURES, "samples/sample.jpg")
    assert card.startswith("---\nlibrary_name: multitoon\n")
    for text in (
        "# ink",
        "![photos and their toons](samples/sample.jpg)",
        "1,234 steps in 2 minutes on two cores",
        "`abababababababab`",
        "Measured on 12 photos",
        "    multitoon evaluate --style ink --photos val/",
        "| ssim | 0.8123 |",
        "| teacher: detail: toon | 0.9 |",
    ):
        assert text in card


def test_a_fact_that_is_missing_is_an_error() -> None:
    facts = {key: value for key, value in FACTS.items() if key != "license"}
    with pytest.raises(KeyError, match="license"):
        adapter_card(facts, FIGURES, "sample.jpg")
