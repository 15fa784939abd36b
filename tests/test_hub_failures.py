"""A fetch from the Hub that fails: one sentence each, the next command, and nothing lost."""

from __future__ import annotations

import errno

import pytest

from hub.local_hub import OWNER, READER, LocalHub
from multitoon.hub import fetch
from multitoon.lookup import Repo
from tests.hub_shelf import INK, failure


def test_no_such_repository(local_hub, monkeypatch):
    text, hint = failure()
    assert (
        text
        == "There is no someone/multitoon-ink on huggingface.co, or it is private and you are not logged in."
    )
    assert hint == "hf auth login; a folder is written ./someone/multitoon-ink"
    monkeypatch.setenv("HF_TOKEN", READER)
    text, hint = failure()
    assert text.endswith("or your token may not see it.")
    assert "https://huggingface.co/someone/multitoon-ink" in hint


def test_private(ink, monkeypatch):
    ink.repos[INK.id].private = True
    assert "it is private and you are not logged in" in failure()[0]
    monkeypatch.setenv("HF_TOKEN", OWNER)
    fetch(INK)


def test_gated(ink, monkeypatch):
    ink.repos[INK.id].gated = True
    for token in ("", READER):
        monkeypatch.setenv("HF_TOKEN", token)
        text, hint = failure()
        assert text == "someone/multitoon-ink is gated: its owner wants to be asked first."
        assert hint == "Ask at https://huggingface.co/someone/multitoon-ink, then: hf auth login"
    monkeypatch.setenv("HF_TOKEN", OWNER)
    fetch(INK)


def test_a_token_that_is_none(ink, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_expired")
    assert failure() == ("huggingface.co refuses your token.", "hf auth login, or correct HF_TOKEN")


def test_a_revision_that_is_gone(ink):
    text, hint = failure(Repo(INK.id, "v9"))
    assert text == "someone/multitoon-ink has no revision 'v9' (any more)."
    assert "multitoon adapters pull someone/multitoon-ink" in hint


@pytest.mark.parametrize(
    ("status", "sentence", "next_step"),
    [
        (500, "is in trouble (it answered 500)", "Wait some minutes"),
        (503, "is in trouble (it answered 503)", "Wait some minutes"),
        (429, "asks for fewer requests", "Wait some minutes"),
        (418, "answered 418", "See https://huggingface.co/someone/multitoon-ink"),
    ],
)
def test_the_hub_is_in_trouble(ink, status, sentence, next_step):
    found = fetch(INK)
    ink.failing = status
    text, hint = failure(ask=True)
    assert sentence in text
    assert next_step in hint
    assert fetch(INK) == found


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [("ConnectError", "cannot be reached"), ("ReadTimeout", "in time"), ("ReadError", "broke")],
)
def test_no_connection(ink, monkeypatch, kind, sentence):
    from huggingface_hub.utils import httpx

    def unreachable(self, *_):
        raise getattr(httpx, kind)("no route to host")

    found = fetch(INK)
    monkeypatch.setattr(LocalHub, "answer", unreachable)
    text, hint = failure(ask=True)
    assert sentence in text
    assert "multitoon adapters" in hint
    assert fetch(INK) == found


def test_offline_uses_what_is_here_and_says_what_is_not(ink, monkeypatch):
    found = fetch(INK)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert fetch(INK) == found
    text, hint = failure(Repo("someone/other"))
    assert text == "someone/other is not on this machine, and HF_HUB_OFFLINE forbids asking huggingface.co."
    assert hint == "HF_HUB_OFFLINE=0 multitoon adapters pull someone/other"


def test_something_that_is_no_hub(ink, monkeypatch):
    from hub.local_hub import Answer

    monkeypatch.setattr(
        LocalHub, "answer", lambda *_: Answer(200, b"<html>Please log in to this network</html>")
    )
    text, hint = failure()
    assert text == "huggingface.co does not answer as a Hub does."
    assert "HF_ENDPOINT" in hint


def test_a_full_disk(ink, monkeypatch, tmp_path):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("huggingface_hub.file_download.http_get", full)
    text, hint = failure()
    assert text == f"The disk of {tmp_path / 'hf'} is full; {INK} was not fetched."
    assert "HF_HOME" in hint
    assert not list((tmp_path / "hf").rglob("*.incomplete"))


def test_a_cache_that_cannot_be_written(ink, tmp_path):
    (tmp_path / "hf").write_text("a file")
    text, hint = failure()
    assert str(tmp_path / "hf") in text
    assert "HF_HOME" in hint
