import json
import shutil


def test_list(run, tiny_home):
    result = run("adapters", "list")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0].split() == ["STYLE", "RANK", "SIZE", "LICENSE"]
    assert [line.split()[0] for line in result.stdout.splitlines()[1:]] == ["hayao", "ink"]
    styles = json.loads(run("adapters", "list", "--json").stdout)
    assert [style["name"] for style in styles] == ["hayao", "ink"]
    assert styles[0]["license"] == "MIT"
    assert styles[0]["rank"] == 2


def test_info(run, tiny_home):
    facts = json.loads(run("adapters", "info", "ink", "--json").stdout)
    assert facts["teacher"] == "random numbers"
    assert len(facts["sha256"]) == len(facts["backbone_sha256"]) == 64
    assert "adapter.rank: 2" in run("adapters", "info", tiny_home / "ink").stdout
    result = run("adapters", "info", "oil")
    assert result.exit_code == 2
    assert "Unknown style 'oil'; known: hayao, ink" in result.stderr


def test_verify(run, tiny_files, tmp_path, monkeypatch):
    home = shutil.copytree(tiny_files, tmp_path / "home")
    monkeypatch.setenv("MULTITOON_ADAPTERS", str(home))
    assert run("adapters", "verify").exit_code == 0
    weights = home / "ink" / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    result = run("adapters", "verify", "--json")
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert report["failed"] == 2
    assert report["results"]["ink/adapter_model.safetensors"] == "changed"
    assert "damaged" in report["results"]["ink"]
    assert report["results"]["hayao"] == "ok"


def test_index(run, tiny_files, tmp_path, monkeypatch):
    home = shutil.copytree(tiny_files, tmp_path / "home")
    (home / "index.json").unlink()
    monkeypatch.setenv("MULTITOON_ADAPTERS", str(home))
    assert run("adapters", "verify").exit_code == 1
    assert run("adapters", "index", home).stdout == f"{home / 'index.json'}\n"
    assert run("adapters", "verify").exit_code == 0
