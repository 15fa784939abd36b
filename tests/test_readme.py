"""The documents' tables are those of the committed figures, and each number has its command."""

import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FIGURES = sorted((ROOT / "hub" / "figures").rglob("*.json"))


@pytest.fixture(scope="module")
def readme():
    """`hub/readme.py`, which imports the files beside it."""
    sys.path.insert(0, str(ROOT / "hub"))
    try:
        import readme
    finally:
        sys.path.remove(str(ROOT / "hub"))
    return readme


WANTED = {
    "README.md": {
        "quality",
        "peers",
        "holes",
        "holes-parts",
        "speed",
        "cold",
        "systems-cost",
        "systems-quality",
    },
    "configs/ablation/README.md": {
        "ablation-style",
        "ablation-teachers",
        "ablation-losses",
        "ablation-shapes",
    },
}


@pytest.mark.parametrize("name", WANTED)
def test_the_tables_are_those_of_the_figures(readme, name):
    assert ROOT / name in readme.DOCUMENTS
    text = (ROOT / name).read_text(encoding="utf-8")
    blocks = {block["name"]: block["body"] for block in readme.BLOCK.finditer(text)}
    assert WANTED[name] <= set(blocks)
    assert text.count("<!-- table: ") == text.count("<!-- /table -->") == len(blocks)
    for name, body in blocks.items():
        assert body == readme.TABLES[name](readme.load), f"{name} differs: run python hub/readme.py"
        assert "multitoon " in body.rpartition("```sh")[2] or "python hub/" in body.rpartition("```sh")[2]


@pytest.mark.parametrize("path", FIGURES, ids=lambda path: path.stem)
def test_figures_have_their_command_and_no_path_of_a_machine(path):
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["command"].startswith(("multitoon ", "python hub/", "/usr/bin/time -v multitoon "))
    for root in ("/home/", "/root/", "/tmp/", "/work/", "/Users/", "/mnt/"):
        assert root not in path.read_text(encoding="utf-8")


def test_a_changed_figure_changes_the_table(readme):
    def load(name):
        figures = readme.load(name)
        return figures | {"drift_ratio": 0.77} if name == "hayao" else figures

    text = "before\n<!-- table: quality -->\nold\n<!-- /table -->\nafter\n"
    filled = readme.filled(text, load)
    assert "| 0.77 |" in filled
    assert "old" not in filled
    assert filled.startswith("before\n<!-- table: quality -->\n")
    assert filled.endswith("<!-- /table -->\nafter\n")
    assert readme.filled(filled, load) == filled


def test_the_four_systems(readme):
    timing = {"size": [512, 512], "milliseconds": 70.0, "times_first": 1.0, "gmac": 6.0}
    names = ("lcgan", "lwcomicgan", "cartoongan", "animeganv2", "multitoon")
    bench = {
        "command": "multitoon bench",
        "threads": 2,
        "rounds": 7,
        "machine": "a box",
        "models": [{"name": name, "parameters": 862_000, "megabytes": 3.6} for name in names],
        "timings": [{"name": name, **timing} for name in names],
    }
    run = {
        "command": "multitoon evaluate",
        "pictures": 72,
        "side": 256,
        "ssim": 0.71,
        "content_distance": 0.3,
        "teacher": {"detail": {"covered": 0.16}},
        "style": {"style_pictures": 394, "gradient": {"toon": 1.1, "photo": 1.2}},
        "training": {"command": "multitoon train-backbone", "steps": 900, "seconds": 270, "threads": 1},
    }

    def load(name):
        return bench if name == "systems/bench" else run

    cost = readme.TABLES["systems-cost"](load)
    assert "| LWComicGAN | 0.86 M | 3.6 MB | 6.0 | 70 | 1.0 | 2,796,416 parameters; FID 173.80" in cost
    assert "theirs: published by the authors" in cost
    quality = readme.TABLES["systems-quality"](load)
    assert "| the photos themselves |  | 1 | 0 | 1.20 | 0 % |" in quality
    assert "| LC-GAN | 900 in 270 s | 0.710 | 0.300 | 1.10 | 16 % |" in quality
    assert quality.count("multitoon ") >= 3


def test_recording_keeps_names_in_place_of_paths(readme, tmp_path, monkeypatch):
    sys.path.insert(0, str(ROOT / "hub"))
    import record

    sys.path.remove(str(ROOT / "hub"))
    monkeypatch.setattr(record, "FIGURES", tmp_path)
    code = "import json, sys; print(json.dumps({'toons': sys.argv[1] + '/x', 'n': 1}))"
    path = record.record("probe", ["python", "-c", code, "DIR"], {"DIR": "/somewhere/else"}, steps=3)
    content = json.loads(path.read_text())
    assert (content["toons"], content["n"], content["steps"]) == ("DIR/x", 1, 3)
    assert content["command"].endswith(" DIR")
    with pytest.raises(SystemExit):
        record.record("probe", ["python", "-c", "raise SystemExit(3)"], {})
