import importlib.util
import subprocess
import sys
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent.parent
SPACE = ROOT / "hub" / "space"


def test_the_space_needs_what_the_package_needs():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = (SPACE / "requirements.txt").read_text().splitlines()
    wanted = [line for line in lines if line and not line.startswith("#")]
    assert sorted(wanted) == sorted(project["dependencies"])


def test_the_space_describes_itself():
    front = yaml.safe_load((SPACE / "README.md").read_text().split("---")[1])
    assert (front["sdk"], front["app_file"]) == ("gradio", "app.py")
    assert front["sdk_version"].startswith("6.")
    assert len(front["short_description"]) <= 60


def test_the_assembled_folder_stands_alone(tmp_path):
    spec = importlib.util.spec_from_file_location("assemble", SPACE / "assemble.py")
    assemble = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(assemble)
    files = assemble.assemble(tmp_path / "space")
    assert {path.name for path in files} >= {"app.py", "README.md", "requirements.txt", "index.json"}
    code = "from multitoon.presets import shipped; print(shipped('adapters'))"
    home = subprocess.check_output(
        [sys.executable, "-c", code],
        cwd=tmp_path / "space",
        text=True,
    ).strip()
    assert Path(home) == tmp_path / "space" / "multitoon" / "shipped" / "adapters"
    assert (Path(home) / "backbone" / "model.safetensors").is_file()


def test_the_app_is_short():
    assert len((ROOT / "app.py").read_text().splitlines()) <= 15
