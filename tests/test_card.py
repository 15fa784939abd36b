"""The card says what the files say, and no number that was not measured."""

from __future__ import annotations

import pytest
import yaml

from multitoon.card import adapter_card, with_front_matter_of
from multitoon.errors import UsageError

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
    front = yaml.safe_load(card.split("---")[1])
    assert front["library_name"] == "multitoon"
    assert front["license"] == "cc0"
    for text in (
        "# ink",
        "![photos and their toons](samples/sample.jpg)",
        "1,234 steps in 90 seconds on two cores",
        "`abababababababab`",
        "Measured on 12 photos",
        "    multitoon evaluate --style ink --photos val/",
        "| ssim | 0.8123 |",
        "| teacher: detail: toon | 0.9 |",
    ):
        assert text in card


@pytest.mark.parametrize("key", ["summary", "data", "license", "limits"])
def test_a_fact_that_is_missing_is_an_error(key: str) -> None:
    with pytest.raises(UsageError, match=f"A card must say: {key}"):
        adapter_card(FACTS | {key: " "}, FIGURES, "sample.jpg")


def test_what_was_not_measured_or_recorded_is_said() -> None:
    facts = {key: value for key, value in FACTS.items() if key not in ("training", "teacher")}
    card = adapter_card(facts, None, "sample.jpg", source="someone/multitoon-ink")
    assert "Not measured. `multitoon evaluate --style someone/multitoon-ink --photos PHOTOS` does." in card
    assert "Training: not recorded." in card
    assert "Teacher" not in card


def test_a_license_in_words_stands_on_the_card() -> None:
    card = adapter_card(FACTS | {"license": "research only: ask me"}, FIGURES, "sample.jpg")
    front = yaml.safe_load(card.split("---")[1])
    assert (front["license"], front["license_link"]) == ("other", "README.md")
    assert "- License: research only: ask me" in card


def test_a_body_is_kept_under_new_front_matter() -> None:
    card = adapter_card(FACTS, None, "sample.jpg")
    for text in ("# mine\n", "---\nlicense: x\n---\n\n# mine\n"):
        kept = with_front_matter_of(text, card)
        assert kept.endswith("---\n\n# mine\n")
        assert "license: cc0\n" in kept
        assert "license: x" not in kept
