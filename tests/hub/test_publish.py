"""Publishing all that is shipped: safe by default, the backbone first, and fetched again as it was."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from hub import publish
from hub.local_hub import OWNER
from multitoon.hub import fetch
from multitoon.lookup import Repo
from multitoon.stylize import MultiToon
from tests.conftest import gradient

ABOUT = {
    "all": {"license": "MIT", "data": "none", "limits": "All.", "hardware": "two cores"},
    "backbone": {"summary": "The network.", "limits": "It draws nothing."},
    "hayao": {"summary": "Soft."},
    "ink": {"summary": "Dark."},
}


@pytest.fixture
def options(tiny_files: Path, tmp_path: Path) -> list[str]:
    """`tiny_files`, each style with a picture, and words for the cards."""
    home = shutil.copytree(tiny_files, tmp_path / "home")
    for style in ("hayao", "ink"):
        (home / style / "samples").mkdir()
        gradient(16, 16).save(home / style / "samples" / "sample.jpg")
    (tmp_path / "about.yaml").write_text(yaml.safe_dump(ABOUT))
    return ["someone", "--adapters", str(home), "--about", str(tmp_path / "about.yaml")]


def test_by_default_nothing_is_sent(options, local_hub, capsys, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", OWNER)
    publish.main(options)
    assert local_hub.asked == []
    output = capsys.readouterr().out
    assert output.index("someone/multitoon-backbone") < output.index("someone/multitoon-hayao")
    assert output.endswith("Nothing was sent; --no-dry-run does.\n")


def test_what_is_published_draws(options, local_hub, capsys, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", OWNER)
    publish.main([*options, "--no-dry-run", "--private"])
    assert sorted(local_hub.repos) == [f"someone/multitoon-{name}" for name in ("backbone", "hayao", "ink")]
    assert all(stored.private for stored in local_hub.repos.values())
    toon = MultiToon.from_pretrained("someone/multitoon-backbone")
    toon.set_adapter("someone/multitoon-ink")
    assert toon.stylize(gradient(12, 10)).size == (12, 10)
    card = (fetch(Repo("someone/multitoon-ink")).folder / "adapter_config.json").read_text()
    assert '"base_model": "someone/multitoon-backbone"' in card
    publish.main([*options, "--no-dry-run", "--private"])
    assert "updated: " in capsys.readouterr().out


def test_everything_that_is_shipped_can_be_published():
    for repo_id, files in publish.planned("someone", publish.ADAPTERS, publish.ABOUT).items():
        assert {"README.md", "config.json"} <= set(files), repo_id
        assert not [path for path in files if path.endswith((".bin", ".pt", ".pkl"))]


def test_a_style_goes_on_with_the_history_of_all():
    words = {"all": {"data": "photos", "history": "Together:"}, "ink": {"data": "silk", "history": "alone."}}
    assert publish.words_of("ink", words) == {"data": "silk", "history": "Together: alone."}
    assert publish.words_of("oil", words) == {"data": "photos"}, "half a history is none"
