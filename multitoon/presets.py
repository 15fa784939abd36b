"""Where the YAML presets are: in `configs/` of a checkout, in the wheel of an installation."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from multitoon.errors import UnknownNameError


def shipped(folder: str) -> Path:
    """The folder `adapters` or `configs` that came with the package."""
    checkout = Path(__file__).resolve().parent.parent / folder
    if (Path(__file__).resolve().parent.parent / "pyproject.toml").is_file() and checkout.is_dir():
        return checkout
    return Path(str(resources.files("multitoon") / "shipped" / folder))


def preset_path(name: str, kind: str = "backbone") -> Path:
    """The YAML file of the preset `name` (`kind`: `backbone` or `style`), or `name` itself if it is one."""
    if name.endswith((".yaml", ".yml")):
        return Path(name)
    folder = shipped("configs") / kind
    path = folder / f"{name}.yaml"
    if not path.is_file():
        raise UnknownNameError(f"{kind} preset", name, (file.stem for file in folder.glob("*.yaml")))
    return path
