import json

import pytest

from hub.local_hub import OWNER
from tests.cli.test_adapters import INK, files_of
from tests.conftest import gradient


@pytest.fixture
def ink(local_hub, tiny_home):
    local_hub.add(INK, files_of(tiny_home / "ink"), tag="v1")
    return local_hub


@pytest.fixture
def words(tmp_path):
    """The options that a push needs beside the adapter."""
    (tmp_path / "about.yaml").write_text("{summary: Ink., data: mine, license: CC0-1.0, limits: No color.}")
    gradient(20, 16).save(tmp_path / "photo.png")
    return ["--about", tmp_path / "about.yaml", "--photo", tmp_path / "photo.png"]


# --- pull ---


def test_pull_gives_the_folder_and_then_the_style_draws_offline(run, ink, photo_file, monkeypatch):
    result = run("adapters", "pull", INK)
    assert result.exit_code == 0
    assert "/snapshots/" in result.stdout
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    ink.asked.clear()
    result = run("stylize", photo_file, "--style", INK)
    assert result.exit_code == 0, result.stderr
    assert result.stdout == f"{photo_file.with_name('photo.ink.png')}\n"
    assert ink.asked == []


def test_stylize_fetches_what_is_not_here(run, ink, photo_file):
    result = run("stylize", photo_file, "--mix", f"{INK}@v1:0.5,hayao:0.5")
    assert result.exit_code == 0, result.stderr
    assert photo_file.with_name("photo.ink-hayao.png").is_file()
    result = run("stylize", photo_file, "--mix", f"{INK}@v1:0.5,ink:0.5")
    assert result.exit_code == 2
    assert "Two adapters of one name" in result.stderr


def test_stylize_on_a_backbone_of_the_hub(run, ink, photo_file, tiny_home):
    ink.add("someone/multitoon-backbone", files_of(tiny_home / "backbone"))
    result = run("stylize", photo_file, "--backbone", "someone/multitoon-backbone", "--style", INK)
    assert result.exit_code == 0, result.stderr
    result = run("stylize", photo_file, "--backbone", "someone/multitoon-backbone", "--all-styles")
    assert result.exit_code == 2
    assert "--all-styles found none" in result.stderr


def test_pull_as_json_and_into_a_folder(run, ink, tmp_path):
    result = run("adapters", "pull", f"{INK}@v1", "-o", tmp_path / "mine", "--json")
    (pulled,) = json.loads(result.stdout)
    assert (pulled["repo"], pulled["revision"], pulled["style"]) == (INK, "v1", "ink")
    assert pulled["fits_shipped_backbone"]
    assert pulled["copy"] == str(tmp_path / "mine" / "ink")
    names = sorted(path.name for path in (tmp_path / "mine" / "ink").iterdir())
    assert names == ["adapter_config.json", "adapter_model.safetensors"]


def test_pull_of_an_adapter_for_another_backbone_is_noted(run, ink, tiny_home):
    files = files_of(tiny_home / "ink")
    facts = json.loads(files["adapter_config.json"]) | {"backbone_sha256": "7" * 64, "base_model": "a/back"}
    ink.add(INK, {"adapter_config.json": json.dumps(facts).encode()})
    result = run("adapters", "pull", INK, "--json")
    assert result.exit_code == 0
    assert not json.loads(result.stdout)[0]["fits_shipped_backbone"]
    assert "Note: ink: made for the backbone tiny a/back 777777777777" in result.stderr
    assert "--backbone a/back" in result.stderr


def test_pull_that_fails(run, ink):
    for name, code, text in [
        ("someone/other", 1, "Error: There is no someone/other on huggingface.co"),
        (f"{INK}@v9", 1, "has no revision 'v9'"),
        ("hayao", 2, "'hayao' is no repository of the Hub"),
        (f"{INK}@../x", 2, "'../x' is no revision"),
    ]:
        result = run("adapters", "pull", name)
        assert result.exit_code == code
        assert text in result.stderr
        assert "Hint: " in result.stderr
        assert result.stdout == ""


# --- push ---


def test_push_and_update(run, local_hub, tiny_home, words, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", OWNER)
    result = run("adapters", "push", tiny_home / "ink", INK, *words)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith(f"https://huggingface.co/{INK}/commit/")
    assert f"Created {INK}: multitoon stylize photo.jpg --style {INK}" in result.stderr
    result = run("adapters", "push", "ink", INK, *words, "--message", "again", "--json")
    pushed = json.loads(result.stdout)
    assert not pushed["created"]
    assert pushed["message"] == "again"
    assert pushed["commit"] == local_hub.repos[INK].names["main"]


def test_push_private_and_as_a_pull_request(run, local_hub, tiny_home, words, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", OWNER)
    assert run("adapters", "push", "ink", INK, *words, "--private").exit_code == 0
    assert local_hub.repos[INK].private
    result = run("adapters", "push", "hayao", INK, *words, "--create-pr")
    assert result.stdout.endswith("/discussions/1\n")


def test_a_dry_run_shows_the_plan_and_asks_nobody(run, local_hub, tiny_home, words):
    result = run("adapters", "push", "ink", INK, *words, "--private", "--dry-run")
    assert result.exit_code == 0
    assert "adapter_model.safetensors" in result.stdout
    assert "# ink" in result.stdout
    assert f"Nothing was sent. This would go to private {INK}" in result.stderr
    plan = json.loads(run("adapters", "push", "ink", INK, *words, "--dry-run", "--json").stdout)
    assert plan["dry_run"]
    assert [file["path"] for file in plan["files"]][:2] == ["README.md", "adapter_config.json"]
    assert "license: cc0-1.0" in plan["card"]
    assert local_hub.asked == []


def test_push_that_fails(run, local_hub, tiny_home, words, tmp_path):
    (tmp_path / "bare.json").write_text('{"pictures": 3}')
    for arguments, code, text in [
        (["ink", INK, *words], 1, "Hint: hf auth login, or set HF_TOKEN"),
        (["ink", INK], 2, "no picture for the card"),
        (["ink", INK, *words[2:]], 2, "A card must say: summary"),
        (["ink", f"{INK}@v1", *words], 2, "a push makes a new revision"),
        (["ink", "ink", *words], 2, "'ink' is no repository"),
        (["oil", INK, *words], 2, "Unknown style 'oil'"),
        (["ink", INK, *words, "--figures", tmp_path / "bare.json"], 1, "no command"),
    ]:
        result = run("adapters", "push", *arguments)
        assert result.exit_code == code, arguments
        assert text in result.stderr
    assert local_hub.repos == {}


# --- remove ---


def test_remove(run, ink):
    run("adapters", "pull", INK)
    dry = json.loads(run("adapters", "remove", INK, "--dry-run", "--json").stdout)
    assert dry[0]["bytes"] > 1000
    assert INK in run("adapters", "list").stdout
    assert "KB freed" in run("adapters", "remove", INK).stdout
    assert INK not in run("adapters", "list").stdout
    result = run("adapters", "remove", INK)
    assert result.exit_code == 1
    assert "is not on this machine" in result.stderr
    assert run("adapters", "remove", "hayao").exit_code == 2
