import dataclasses
import shutil
import subprocess

import pytest

from multitoon.demo.about import about_text
from multitoon.demo.adapters import card_text, describe, export, pull
from multitoon.demo.settings import DemoSettings
from multitoon.errors import HubError, OutputError, UnknownNameError, UsageError


def test_facts_and_card(context, tiny_home):
    facts, card = describe(context, "ink")
    assert "<td>MIT</td>" in facts
    assert "rank 2" in facts
    assert card == "This adapter has no card."
    with pytest.raises(UnknownNameError):
        describe(context, "../../etc")


def test_a_card_without_front_matter_and_pictures():
    card = "---\nlicense: other\n---\n\n# ink\n\n![photos](samples/sample.jpg)\n\nText.\n"
    assert card_text(card) == "# ink\n\n\nText."


def test_the_figures_of_a_card_are_folded_up():
    card = "# ink\n\n## Figures\n\nMeasured.\n\n| a | b |\n\n## Limits\n\nNone.\n"
    folded = "<details><summary>Figures</summary>\n\nMeasured.\n\n| a | b |\n\n</details>\n\n"
    assert card_text(card) == f"# ink\n\n{folded}## Limits\n\nNone."
    assert card_text("## Figures\n\nNone.").endswith("None.\n\n</details>\n\n")


@pytest.mark.parametrize("text", ["", "ink", "/etc", "./adapters/ink", "~/ink", "a/b/c"])
def test_only_repositories_are_pulled(context, text):
    with pytest.raises(UsageError, match="names no repository"):
        pull(context, text, [])


def test_pulled_adapters_are_the_visitors_own(context, tiny_home, tmp_path, monkeypatch):
    shutil.copytree(tiny_home / "ink", tmp_path / "snapshot")
    asked = []
    monkeypatch.setattr(
        "multitoon.demo.adapters.find_adapter", lambda repo: asked.append(repo) or tmp_path / "snapshot"
    )
    guests, style = pull(context, " someone/multitoon-ink@v1 ", ["old"])
    assert asked == ["someone/multitoon-ink@v1"]
    assert guests == ["old", style]
    assert style.startswith("ink-")


def test_pulling_can_be_off(context):
    off = dataclasses.replace(context, settings=DemoSettings(pulling=False))
    with pytest.raises(HubError, match="fetches no adapters"):
        pull(off, "someone/multitoon-ink", [])


def test_an_export_is_a_process_with_folders(context, tiny_home, monkeypatch):
    seen = []

    def run(command, **_):
        seen.append(command)
        return subprocess.CompletedProcess(command, 0, '{"bytes": 3500000, "max_difference": 1e-6}', "")

    monkeypatch.setattr(subprocess, "run", run)
    path, line = export(context, "hayao:0.6,ink:0.4", "fp16")
    assert path.endswith("hayao-ink.onnx")
    assert line.startswith("3.5 MB")
    mix = seen[0][seen[0].index("--mix") + 1]
    assert mix == f"{tiny_home / 'hayao'}:0.6,{tiny_home / 'ink'}:0.4"


def test_an_export_that_fails_is_told(context, monkeypatch):
    failed = subprocess.CompletedProcess([], 1, "", "Exporting\nError: No room.\nHint: Make some.\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(OutputError, match=r"No room\. Make some\."):
        export(context, "ink", "fp32")
    with pytest.raises(UnknownNameError):
        export(context, "/etc/passwd", "fp32")


def test_about_says_what_holds_here(context):
    text = about_text(context)
    assert "**ink**" in text
    assert "1 megapixels" in text
    assert "CC0" in text
