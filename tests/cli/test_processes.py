import json
import subprocess
import sys
from pathlib import Path

import pytest

from multitoon.cli.processes import rank_and_size, share
from multitoon.errors import UsageError
from tests.conftest import gradient


def test_shares_are_a_partition(monkeypatch):
    items = list(range(7))
    assert share(items) == items
    shares = []
    for rank in range(3):
        monkeypatch.setenv("RANK", str(rank))
        monkeypatch.setenv("WORLD_SIZE", "3")
        shares += share(items)
    assert sorted(shares) == items


@pytest.mark.parametrize(("rank", "size"), [("2", "2"), ("-1", "2"), ("one", "2"), ("0", "0")])
def test_error_text(monkeypatch, rank, size):
    monkeypatch.setenv("RANK", rank)
    monkeypatch.setenv("WORLD_SIZE", size)
    with pytest.raises(UsageError, match="wanted 0 <= RANK < WORLD_SIZE"):
        rank_and_size()


def test_processes_that_cannot_meet_report_for_themselves(run, tiny_home, tmp_path, monkeypatch):
    for i in range(3):
        gradient(16, 16, i).save(tmp_path / f"{i}.png")
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.delenv("MASTER_ADDR", raising=False)
    report = json.loads(run("stylize", tmp_path, "--json").stdout)
    assert [Path(record["input"]).name for record in report["results"]] == ["1.png"]


def test_two_processes_share_a_folder_and_report_once(tiny_home, tmp_path):
    album, out = tmp_path / "album", tmp_path / "out"
    album.mkdir()
    for i in range(4):
        gradient(24, 16, i).save(album / f"{i}.png")
    (album / "1-bad.png").write_bytes(b"")
    words = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    words += ["-m", "multitoon", "stylize", str(album), "-o", str(out), "--json"]
    result = subprocess.run([sys.executable, *words], capture_output=True, text=True, timeout=120)
    report = json.loads(result.stdout)
    assert (report["done"], report["failed"]) == (4, 1)
    assert sorted(path.name for path in out.iterdir()) == [f"{i}.hayao.png" for i in range(4)]
    assert result.returncode != 0
    assert "exitcode  : 3" in result.stderr
