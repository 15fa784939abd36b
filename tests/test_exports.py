import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import multitoon
from multitoon import errors


def test_all_is_sorted_and_each_name_is_there():
    assert multitoon.__all__ == sorted(multitoon.__all__)
    assert set(multitoon.__all__) == {*multitoon._HOMES, "__version__"}
    for name in multitoon.__all__:
        assert getattr(multitoon, name) is not None
        assert name in dir(multitoon)


def test_all_errors_are_exported():
    tree = {
        name for name, value in vars(errors).items() if isinstance(value, type) and name.endswith("Error")
    }
    assert tree <= set(multitoon.__all__)


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'MultiTune'"):
        _ = multitoon.MultiTune


def test_version_is_that_of_the_project():
    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())["project"]
    assert multitoon.__version__ == project["version"]


def test_import_is_light():
    code = "import sys, multitoon; print({'torch', 'PIL', 'numpy'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"
