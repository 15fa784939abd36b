"""What is published: whole, checked, with a card that says what it must."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import pytest
import yaml
from PIL import Image

from multitoon import hub
from multitoon.errors import BackboneMismatchError, CheckpointError, ConfigError, UnknownNameError, UsageError
from multitoon.image import to_photo
from multitoon.lookup import Repo
from multitoon.publication import SAMPLE, adapter_files, backbone_files, read_figures, read_words
from tests.conftest import gradient

WORDS = {"summary": "Ink on paper.", "data": "ten photos, CC0", "license": "CC0-1.0", "limits": "No color."}
REPO = "someone/multitoon-ink"


@pytest.fixture
def folder(tiny_home: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return shutil.copytree(tiny_home / "ink", tmp_path / "ink")


def front_of(card: bytes) -> dict:
    return yaml.safe_load(card.decode().split("---")[1])


def test_what_is_published_can_be_fetched_and_drawn_with(folder, local_hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_owner")
    files = adapter_files(folder, REPO, photos=[to_photo(gradient(40, 30))], words=WORDS)
    assert set(files) == {
        "adapter_config.json",
        "adapter_model.safetensors",
        "config.json",
        "README.md",
        SAMPLE,
    }
    hub.push(REPO, files, message="first")
    found = hub.fetch(Repo(REPO)).folder
    assert (found / "adapter_model.safetensors").read_bytes() == files["adapter_model.safetensors"]
    facts = json.loads(files["config.json"])
    assert facts["kind"] == "adapter"
    assert facts["style"] == "ink"
    assert len(facts["backbone_sha256"]) == len(facts["adapter_sha256"]) == 64
    assert Image.open(io.BytesIO(files[SAMPLE])).width > 2 * 40


def test_the_card_and_the_config_say_the_words(folder):
    files = adapter_files(folder, REPO, photos=[to_photo(gradient(9, 9))], words=WORDS, base_model="a/back")
    front = front_of(files["README.md"])
    assert front["license"] == "cc0-1.0"
    assert front["base_model"] == "a/back"
    assert front["base_model_relation"] == "adapter"
    assert front["library_name"] == "multitoon"
    card = files["README.md"].decode()
    assert f'toon.set_adapter("{REPO}")' in card
    assert 'MultiToon.from_pretrained("a/back")' in card
    config = json.loads(files["adapter_config.json"])
    assert config["summary"] == "Ink on paper."
    assert config["base_model"] == "a/back"


def test_words_and_a_picture_must_be_there(folder):
    with pytest.raises(UsageError, match="no picture for the card") as caught:
        adapter_files(folder, REPO, words=WORDS)
    assert "--photo" in caught.value.hint
    with pytest.raises(UsageError, match=r"A card must say: summary .*; data .*; limits") as caught:
        adapter_files(folder, REPO, photos=[to_photo(gradient(9, 9))])
    assert "--about FILE" in caught.value.hint


def test_a_card_that_is_there_keeps_its_text_unless_figures_say_more(folder):
    (folder / "README.md").write_text("---\nlicense: mit\n---\n# my own words\n")
    (folder / "samples").mkdir()
    gradient(20, 20).save(folder / "samples" / "one.png")
    (folder / "samples" / "notes.txt").write_text("not a picture")
    files = adapter_files(folder, REPO, words=WORDS)
    assert files["README.md"].decode().endswith("---\n\n# my own words\n")
    assert front_of(files["README.md"])["license"] == "cc0-1.0"
    assert [path for path in files if path.startswith("samples")] == ["samples/one.png"]
    (folder / "figures.json").write_text('{"command": "multitoon evaluate", "pictures": 3, "ssim": 0.5}')
    card = adapter_files(folder, REPO, words=WORDS)["README.md"].decode()
    assert "| ssim | 0.5 |" in card
    assert "my own words" not in card


def test_what_does_not_fit_is_not_published(folder, tiny_home):
    config = json.loads((folder / "adapter_config.json").read_text())
    (folder / "adapter_config.json").write_text(json.dumps(config | {"backbone_sha256": "0" * 64}))
    with pytest.raises(BackboneMismatchError):
        adapter_files(folder, REPO, words=WORDS)
    (folder / "adapter_config.json").write_text(json.dumps(config))
    (folder / "adapter_model.safetensors").write_bytes(b"x")
    with pytest.raises(CheckpointError, match="damaged"):
        adapter_files(folder, REPO, words=WORDS)


def test_a_backbone(tiny_home):
    files = backbone_files(tiny_home / "backbone", "someone/multitoon-backbone", WORDS)
    assert set(files) == {"config.json", "model.safetensors", "README.md"}
    assert json.loads(files["config.json"])["sha256"] in files["README.md"].decode()
    with pytest.raises(UsageError, match="A card must say: limits"):
        backbone_files(tiny_home / "backbone", "a/b", {key: WORDS[key] for key in WORDS if key != "limits"})


def test_files_of_words_and_figures(tmp_path):
    path = tmp_path / "file"
    path.write_text("summary: s\nlicence: mit\n")
    with pytest.raises(UnknownNameError, match="Unknown word of a card 'licence'") as caught:
        read_words(path)
    assert caught.value.hint == "Did you mean 'license'?"
    for text in ("- a", "summary: [1]", "a: b: c"):
        path.write_text(text)
        with pytest.raises(ConfigError):
            read_words(path)
    path.write_text('{"pictures": 3}')
    with pytest.raises(ConfigError, match="no command; figures are published with the command"):
        read_figures(path)
    path.write_text("{")
    with pytest.raises(ConfigError, match="not JSON"):
        read_figures(path)
    with pytest.raises(ConfigError, match="No such file"):
        read_figures(tmp_path / "none")
