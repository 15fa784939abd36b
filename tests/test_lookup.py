"""What a user types leads to a folder, a shipped style or a repository, seen from the text and the disk."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from multitoon.checkpoint import adapters_home, adapters_homes
from multitoon.errors import CheckpointError, HubError, UnknownNameError, UsageError
from multitoon.lookup import Repo, as_repo, find_adapter, find_backbone, short_name, style_of
from multitoon.presets import shipped
from multitoon.stylize import MultiToon


@pytest.mark.parametrize(
    ("text", "repo"),
    [
        ("someone/multitoon-ink", Repo("someone/multitoon-ink")),
        ("someone/ink@v1.2", Repo("someone/ink", "v1.2")),
        ("someone/ink@refs/pr/3", Repo("someone/ink", "refs/pr/3")),
        ("ink", None),
        ("./a/b", None),
        ("/a/b", None),
        ("~/b", None),
        ("a/b/c", None),
        ("../b", None),
    ],
)
def test_what_is_a_repository_is_seen_from_the_text(text, repo):
    assert as_repo(text) == repo


@pytest.mark.parametrize(
    "text", ["a/b@", "a/b@../x", "a/b@/x", "a/b@x/../y", "a/b--c", "a/b..c", "a/b.", "a/b.git"]
)
def test_names_that_lead_astray_are_refused_before_anything_is_asked(local_hub, text):
    with pytest.raises(UsageError):
        find_adapter(text)
    assert local_hub.asked == []


def test_a_folder_that_exists_is_no_repository(local_hub, tmp_path, tiny_home, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("runs/mine").mkdir(parents=True)
    with pytest.raises(HubError):
        find_adapter("runs/other")
    with pytest.raises(CheckpointError, match="no adapter there"):
        find_adapter("runs/mine")
    Path("runs/mine/ink").symlink_to(tiny_home / "ink")
    with pytest.raises(CheckpointError) as caught:
        find_adapter("runs/mine")
    assert caught.value.hint == "Did you mean runs/mine/ink?"
    Path("ink").symlink_to(tiny_home / "hayao")
    assert find_adapter("ink") == Path("ink")


def test_a_name_with_a_revision_is_told_what_a_repository_is(tiny_home):
    with pytest.raises(UsageError, match="hayao came with the package and has no revision 'v1'"):
        find_adapter("hayao@v1")


def test_own_styles_go_first_and_the_shipped_ones_stay(tiny_home, tmp_path, monkeypatch):
    own = tmp_path / "own"
    shutil.copytree(tiny_home / "ink", own / "mine")
    monkeypatch.setenv("MULTITOON_ADAPTERS", str(own))
    assert adapters_homes() == [own, shipped("adapters")]
    assert adapters_home() == shipped("adapters")
    assert find_adapter("mine") == own / "mine"
    with pytest.raises(UnknownNameError, match="mine"):
        find_adapter("oil")
    # With a backbone of its own, a folder takes the place of what is shipped.
    shutil.copytree(tiny_home / "backbone", own / "backbone")
    assert adapters_homes() == [own]
    assert MultiToon.from_pretrained().styles == ["mine"]


def test_a_folder_that_is_not_there_does_not_fall_back(tmp_path, monkeypatch):
    monkeypatch.setenv("MULTITOON_ADAPTERS", str(tmp_path / "none"))
    with pytest.raises(CheckpointError, match=r"none/backbone/config\.json: No such file"):
        MultiToon.from_pretrained()


def test_a_backbone_is_not_an_adapter(tiny_home, tmp_path):
    assert find_backbone(tiny_home) == tiny_home
    assert find_backbone(str(tiny_home / "backbone")) == tiny_home / "backbone"
    with pytest.raises(CheckpointError, match="holds an adapter, not a backbone"):
        find_backbone(tiny_home / "ink")
    with pytest.raises(CheckpointError, match="no backbone there"):
        find_backbone(tmp_path)


@pytest.mark.parametrize("text", ['{"adapter": {}}', "{}", '{"adapter": {"style": 3}}'])
def test_a_config_without_a_style(tmp_path, text):
    (tmp_path / "adapter_config.json").write_text(text)
    with pytest.raises(CheckpointError, match="names no style"):
        style_of(tmp_path)


def test_a_style_may_not_be_called_anything(tmp_path):
    (tmp_path / "adapter_config.json").write_text('{"adapter": {"style": "../../etc"}}')
    with pytest.raises(UsageError, match="wanted a-z, 0-9, - and _"):
        style_of(tmp_path)


def test_short_names():
    assert short_name("someone/multitoon-ink@v1") == "ink"
    assert short_name("someone/sketch") == "sketch"
    assert short_name("./runs/mine/ink") == "ink"
    assert short_name("hayao") == "hayao"
