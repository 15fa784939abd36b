"""Adapters by the Hub, through huggingface_hub's own client and a Hub in memory: each way, each failure."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import huggingface_hub
import pytest

from hub.local_hub import OWNER, READER, LocalHub
from multitoon import hub
from multitoon.errors import BackboneMismatchError, HubError, UnknownNameError, UsageError
from multitoon.hub import fetch
from multitoon.lookup import Repo
from multitoon.stylize import MultiToon
from tests.conftest import gradient
from tests.hub_shelf import INK, WEIGHTS, failure, files_of

# --- fetching ---


def test_what_is_fetched_is_what_was_pushed_and_is_not_asked_for_again(ink, tiny_home):
    found = fetch(INK, "adapter")
    assert (found.folder / WEIGHTS).read_bytes() == (tiny_home / "ink" / WEIGHTS).read_bytes()
    assert found.kind == "adapter"
    assert found.commit in ink.repos[INK.id].commits
    ink.asked.clear()
    assert fetch(INK) == found
    assert ink.asked == []


def test_nothing_but_config_and_weights_is_asked_for(ink):
    folder = fetch(INK).folder
    assert sorted(path.name for path in folder.iterdir()) == ["adapter_config.json", WEIGHTS, "config.json"]
    assert not [line for line in ink.asked if line.endswith((".bin", ".py"))]


def test_all_files_are_of_one_commit_even_if_the_repository_changes_meanwhile(ink, tiny_home, monkeypatch):
    plain = LocalHub.answer

    def meddling(self, method, target, headers, body):
        if method == "GET" and target.endswith("adapter_config.json"):
            self.add(INK.id, {WEIGHTS: b"newer"})
        return plain(self, method, target, headers, body)

    monkeypatch.setattr(LocalHub, "answer", meddling)
    assert (fetch(INK).folder / WEIGHTS).read_bytes() == (tiny_home / "ink" / WEIGHTS).read_bytes()


def test_a_revision_is_kept_and_main_moves_only_when_asked(ink, tiny_home):
    first = fetch(INK)
    newer = ink.add(
        INK.id, {"adapter_config.json": (tiny_home / "ink/adapter_config.json").read_bytes() + b" "}
    )
    assert fetch(INK) == first
    assert fetch(INK, ask=True).commit == newer
    assert fetch(INK).commit == newer
    assert fetch(Repo(INK.id, "v1")).commit == first.commit
    assert fetch(Repo(INK.id, first.commit)).folder == first.folder


def test_a_fetch_that_fails_leaves_the_one_before_in_use(ink):
    first = fetch(INK)
    ink.add(INK.id, {WEIGHTS: b"x" * 100})
    ink.corrupt.add(WEIGHTS)
    assert "arrived damaged" in failure(ask=True)[0]
    assert fetch(INK) == first


def test_a_cut_transfer_goes_on_where_it_was(ink, tiny_home, monkeypatch):
    # The client hands on whole chunks; what a cut leaves of one is asked for again.
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 1000)
    ink.cuts[WEIGHTS] = [2500, 1200]
    assert (fetch(INK).folder / WEIGHTS).read_bytes() == (tiny_home / "ink" / WEIGHTS).read_bytes()
    assert ink.ranges == ["bytes=2000-", "bytes=3000-"]


def test_what_keeps_being_cut_is_said_and_the_next_fetch_has_the_rest(ink):
    ink.cuts[WEIGHTS] = [0] * 20
    text, hint = failure()
    assert "broke" in text
    assert hint == f"Try again: multitoon adapters pull {INK}"
    ink.cuts.clear()
    ink.asked.clear()
    assert fetch(INK).bytes > 0
    assert not [
        line for line in ink.asked if line.startswith("GET") and line.endswith("/adapter_config.json")
    ]


def test_bytes_that_changed_on_the_way_are_refused_and_deleted(ink, tmp_path):
    ink.corrupt.add(WEIGHTS)
    text, hint = failure()
    assert "adapter_model.safetensors arrived damaged, twice" in text
    assert "adapters pull" in hint
    assert not list((tmp_path / "hf").rglob(WEIGHTS))
    ink.corrupt.clear()
    fetch(INK)


@pytest.mark.parametrize("name", [WEIGHTS, "adapter_config.json"])
def test_a_file_that_was_tampered_with_is_refused_until_it_is_pulled_again(ink, name):
    folder = fetch(INK).folder
    with (folder / name).open("ab") as file:
        file.write(b" ")
    text, hint = failure()
    assert f"{name} was changed on this machine" in text
    assert hint == "multitoon adapters pull someone/multitoon-ink"
    fetch(INK, ask=True)
    fetch(INK)


def test_files_that_are_too_large_are_not_even_begun(ink, monkeypatch):
    monkeypatch.setattr(hub, "MAX_BYTES", 1000)
    text, _ = failure()
    assert "over 1,000 are not fetched" in text
    assert not [line for line in ink.asked if "resolve" in line]


def test_a_repository_of_something_else(local_hub):
    local_hub.add("someone/llm", {"pytorch_model.bin": b"\x80"})
    assert (
        "holds no adapter (no adapter_config.json, adapter_model.safetensors)"
        in failure(Repo("someone/llm"))[0]
    )


# --- drawing ---


def test_a_style_of_the_hub_draws_as_the_folder_does(ink, tiny_home):
    toon, local = MultiToon.from_pretrained(), MultiToon.from_pretrained()
    toon.set_adapter("someone/multitoon-ink@v1")
    assert toon.active == {"ink": 1.0}
    local.set_adapter("ink")
    assert toon.stylize(gradient(24, 20)).tobytes() == local.stylize(gradient(24, 20)).tobytes()
    toon.set_adapter({"someone/multitoon-ink@v1": 0.5, "hayao": 0.5})
    assert toon.active == {"ink": 0.5, "hayao": 0.5}
    with pytest.raises(UsageError, match="is called 'ink', as another style of the mix is"):
        toon.set_adapter({"ink": 0.5, "someone/multitoon-ink": 0.5})


def test_shipped_styles_and_folders_never_ask(ink, tiny_home):
    toon = MultiToon.from_pretrained()
    toon.set_adapter("hayao")
    toon.load_adapter(tiny_home / "ink")
    with pytest.raises(UnknownNameError):
        toon.set_adapter("oil")
    assert ink.asked == []


def test_a_backbone_comes_the_same_way(local_hub, tiny_home):
    local_hub.add("someone/multitoon-backbone", files_of(tiny_home / "backbone"))
    toon = MultiToon.from_pretrained("someone/multitoon-backbone")
    assert toon.load_adapter("ink") == "ink"
    with pytest.raises(HubError, match="holds a backbone, not an adapter") as caught:
        toon.load_adapter("someone/multitoon-backbone")
    assert caught.value.hint == "Draw on it: --backbone someone/multitoon-backbone"


def test_an_adapter_names_the_backbone_that_it_wants(local_hub, tiny_home):
    files = files_of(tiny_home / "ink")
    facts = json.loads(files["adapter_config.json"])
    facts |= {"backbone_sha256": "5" * 64, "base_model": "someone/multitoon-large", "backbone": "large"}
    local_hub.add(INK.id, files | {"adapter_config.json": json.dumps(facts).encode()})
    with pytest.raises(BackboneMismatchError) as caught:
        MultiToon.from_pretrained().set_adapter(INK.id)
    assert "made for the backbone large someone/multitoon-large 555555555555, but" in caught.value.message
    assert caught.value.hint == "Draw with its own backbone: --backbone someone/multitoon-large"


# --- pushing ---


def test_push_creates_then_updates(local_hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", OWNER)
    pushed = hub.push(INK.id, {"a.json": b"1"}, message="first")
    assert pushed.created
    assert pushed.url == f"https://huggingface.co/{INK.id}/commit/{pushed.commit}"
    again = hub.push(INK.id, {"a.json": b"2", "b.json": b"3"}, message="second")
    assert not again.created
    assert local_hub.repos[INK.id].commits[again.commit] == {"a.json": b"2", "b.json": b"3"}


def test_push_private(local_hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", OWNER)
    hub.push(INK.id, {"a.json": b"1"}, message="m", private=True)
    assert local_hub.repos[INK.id].private
    local_hub.add("someone/public", {})
    with pytest.raises(HubError, match="someone/public exists and is public; nothing was sent"):
        hub.push("someone/public", {"a.json": b"1"}, message="m", private=True)
    assert not [line for line in local_hub.asked if "someone/public/commit" in line]


def test_push_as_a_pull_request(local_hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", OWNER)
    with pytest.raises(HubError, match="no someone/multitoon-ink to open a pull request in"):
        hub.push(INK.id, {"a.json": b"1"}, message="m", create_pr=True)
    main = local_hub.add(INK.id, {"a.json": b"1"})
    pushed = hub.push(INK.id, {"a.json": b"2"}, message="m", create_pr=True)
    assert pushed.url.endswith("/discussions/1")
    assert local_hub.repos[INK.id].names["main"] == main


def test_push_without_a_token_or_with_one_that_may_not(local_hub, monkeypatch):
    with pytest.raises(HubError, match="needs a token") as caught:
        hub.push(INK.id, {}, message="m")
    assert caught.value.hint == "hf auth login, or set HF_TOKEN"
    assert local_hub.asked == []
    monkeypatch.setenv("HF_TOKEN", READER)
    with pytest.raises(HubError, match="Your token may not write to someone/multitoon-ink") as caught:
        hub.push(INK.id, {"a.json": b"1"}, message="m")
    assert "role write" in caught.value.hint


# --- the cache ---


def test_cached_and_remove_touch_only_what_is_ours(ink, tiny_home):
    assert hub.cached() == []
    first = fetch(Repo(INK.id, "v1"))
    ink.add(INK.id, {"adapter_config.json": (tiny_home / "ink/adapter_config.json").read_bytes() + b" "})
    second = fetch(INK)
    ink.add("someone/llm", {"config.json": b'{"model_type": "llm"}', "model.safetensors": b"x"})
    # Other libraries fill the same cache.
    huggingface_hub.hf_hub_download("someone/llm", "config.json")
    huggingface_hub.hf_hub_download("someone/llm", "model.safetensors")
    assert hub.cached() == [second, first]
    assert hub.remove(Repo(INK.id, "v1"), dry_run=True) > 0
    assert hub.cached() == [second, first]
    hub.remove(Repo(INK.id, "v1"))
    assert hub.cached() == [second]
    with pytest.raises(HubError, match="someone/llm is not on this machine"):
        hub.remove(Repo("someone/llm"))
    hub.remove(INK)
    assert hub.cached() == []


def test_neither_the_package_nor_a_help_text_imports_the_client():
    code = "import sys, multitoon, multitoon.cli.adapters; print('huggingface_hub' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"


def test_over_loopback_with_hf_endpoint(ink, tiny_home, tmp_path):
    """A process of its own, sockets, and the client's configuration by environment, as a user has it."""
    about = tmp_path / "about.yaml"
    about.write_text("{summary: s, data: d, license: cc0-1.0, limits: l}")
    photo = tmp_path / "photo.png"
    gradient(40, 30).save(photo)
    ink.cuts[WEIGHTS] = [1500]
    calls = [
        ["stylize", str(photo), "--style", f"{INK.id}@v1", "-o", str(tmp_path)],
        f"adapters push hayao me/multitoon-hayao --json --about {about} --photo {photo}".split(),
        ["adapters", "pull", "me/multitoon-hayao"],
        ["adapters", "verify", INK.id, "me/multitoon-hayao"],
        ["adapters", "pull", "me/nothing"],
    ]
    code = (
        "import sys, json; from click.testing import CliRunner; from multitoon.cli import main\n"
        "for words in json.loads(sys.argv[1]):\n"
        "    result = CliRunner().invoke(main, words)\n"
        "    print(json.dumps([result.exit_code, result.stdout, result.stderr]))"
    )
    with ink.serve() as address:
        settings = {"HF_ENDPOINT": address, "HF_HOME": str(tmp_path / "home"), "HF_TOKEN": OWNER}
        output = subprocess.check_output(
            [sys.executable, "-c", code, json.dumps(calls)], text=True, env=os.environ | settings
        )
    drawn, pushed, pulled, verified, refused = (json.loads(line) for line in output.splitlines())
    assert drawn[0] == 0, drawn
    assert (tmp_path / "photo.ink.png").is_file()
    assert pushed[0] == 0, pushed
    assert json.loads(pushed[1])["created"]
    assert pulled[0] == 0, pulled
    assert "snapshots" in pulled[1]
    assert verified[0] == 0, verified
    assert refused[0] == 1
    assert f"There is no me/nothing on {address.partition('://')[2]}" in refused[2]
    transfers = [line for line in ink.asked if line.startswith("GET") and INK.id in line]
    assert not [line for line in transfers if "resolve/v1/" in line]  # by commit: a name may move
    assert len([line for line in transfers if line.endswith(WEIGHTS)]) == 2  # cut once, and gone on


def test_no_other_file_imports_the_client():
    package = Path(hub.__file__).parent
    found = [
        p.name
        for p in package.rglob("*.py")
        if "import huggingface_hub" in p.read_text() or "from huggingface_hub" in p.read_text()
    ]
    assert found == ["hub.py"]
