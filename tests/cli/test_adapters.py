import json
import shutil

from multitoon.checkpoint import load_backbone, save_adapter, save_backbone
from multitoon.hub import fetch
from multitoon.lookup import Repo
from multitoon.model.adapter import Adapter, AdapterConfig
from multitoon.model.backbone import Backbone
from tests.conftest import TINY, shaken

INK = "someone/multitoon-ink"


def files_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_list(run, local_hub, tiny_home):
    result = run("adapters", "list")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0].split() == ["STYLE", "RANK", "SIZE", "FROM", "LICENSE"]
    assert [line.split()[0] for line in result.stdout.splitlines()[1:]] == ["hayao", "ink"]
    styles = json.loads(run("adapters", "list", "--json").stdout)
    assert [style["name"] for style in styles] == ["hayao", "ink"]
    assert styles[0]["license"] == "MIT"
    assert styles[0]["rank"] == 2
    assert styles[0]["from"] == "folder"


def test_list_has_what_was_fetched_and_asks_nobody(run, local_hub, tiny_home):
    local_hub.add(INK, files_of(tiny_home / "ink"), tag="v1")
    commit = fetch(Repo(INK, "v1")).commit
    local_hub.asked.clear()
    style = json.loads(run("adapters", "list", "--json").stdout)[-1]
    assert (style["name"], style["from"], style["commit"]) == (f"{INK}@v1", "hub", commit)
    assert local_hub.asked == []


def test_info(run, tiny_home):
    facts = json.loads(run("adapters", "info", "ink", "--json").stdout)
    assert facts["teacher"] == "random numbers"
    assert len(facts["sha256"]) == len(facts["backbone_sha256"]) == 64
    assert "adapter.rank: 2" in run("adapters", "info", tiny_home / "ink").stdout
    result = run("adapters", "info", "oil")
    assert result.exit_code == 2
    assert "Unknown style 'oil'; known: hayao, ink" in result.stderr


def test_info_of_a_repository_shows_no_escape_codes(run, local_hub, tiny_home):
    files = files_of(tiny_home / "ink")
    facts = json.loads(files["adapter_config.json"]) | {"license": "\x1b[2Jfree"}
    local_hub.add(INK, files | {"adapter_config.json": json.dumps(facts).encode()})
    result = run("adapters", "info", INK)
    assert "license:  [2Jfree" in result.stdout
    assert "\x1b" not in result.stdout
    assert json.loads(run("adapters", "info", INK, "--json").stdout)["license"] == "\x1b[2Jfree"


def test_verify(run, local_hub, tiny_files, tmp_path, monkeypatch):
    home = shutil.copytree(tiny_files, tmp_path / "home")
    monkeypatch.setenv("MULTITOON_ADAPTERS", str(home))
    local_hub.add(INK, files_of(tiny_files / "ink"))
    fetched = fetch(Repo(INK))
    assert run("adapters", "verify").exit_code == 0
    weights = home / "ink" / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    with (fetched.folder / "adapter_config.json").open("a") as file:
        file.write(" ")
    result = run("adapters", "verify", "--json")
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert report["failed"] == 3
    assert report["results"]["ink/adapter_model.safetensors"] == "changed"
    assert "damaged" in report["results"]["ink"]
    assert "was changed on this machine" in report["results"][INK]
    assert report["results"]["hayao"] == "ok"


def test_verify_some(run, local_hub, tiny_home, tmp_path):
    result = run("adapters", "verify", "ink", tiny_home / "hayao", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["results"] == {"ink": "ok", str(tiny_home / "hayao"): "ok"}
    assert run("adapters", "verify", "oil").exit_code == 1


def test_verify_knows_adapters_of_other_backbones(run, local_hub, tiny_home, tmp_path):
    other = shaken(Backbone(TINY).eval(), 9)
    save_backbone(other, tmp_path / "back")
    save_adapter(Adapter(other, AdapterConfig("oil", 2)), tmp_path / "oil", other, base_model="someone/back")
    result = run("adapters", "verify", tmp_path / "oil")
    assert result.exit_code == 0
    assert "ok as a file; its backbone someone/back is not here" in result.stdout
    local_hub.add("someone/back", files_of(tmp_path / "back"))
    load_backbone(fetch(Repo("someone/back")).folder)
    assert "ok as a file" not in run("adapters", "verify", tmp_path / "oil").stdout


def test_index(run, local_hub, tiny_files, tmp_path, monkeypatch):
    home = shutil.copytree(tiny_files, tmp_path / "home")
    (home / "index.json").unlink()
    monkeypatch.setenv("MULTITOON_ADAPTERS", str(home))
    assert run("adapters", "verify").exit_code == 1
    assert run("adapters", "index", home).stdout == f"{home / 'index.json'}\n"
    assert json.loads(run("adapters", "index", home, "--json").stdout) == {"index": str(home / "index.json")}
    assert run("adapters", "verify").exit_code == 0
