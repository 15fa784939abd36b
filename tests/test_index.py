import shutil

import pytest

from multitoon.errors import CheckpointError
from multitoon.index import check_index, write_index


def test_index_finds_what_changed_and_what_is_missing(tiny_files, tmp_path):
    home = shutil.copytree(tiny_files, tmp_path / "home")
    assert set(check_index(home).values()) == {""}
    (home / "ink" / "adapter_config.json").unlink()
    with (home / "hayao" / "adapter_model.safetensors").open("ab") as file:
        file.write(b"x")
    flaws = {name: flaw for name, flaw in check_index(home).items() if flaw}
    assert flaws == {"hayao/adapter_model.safetensors": "changed", "ink/adapter_config.json": "missing"}
    write_index(home)
    assert set(check_index(home).values()) == {""}


def test_no_index_and_a_damaged_one(tmp_path):
    with pytest.raises(CheckpointError, match="No such file"):
        check_index(tmp_path)
    (tmp_path / "index.json").write_text('{"files": 3}')
    with pytest.raises(CheckpointError, match="not an index of files"):
        check_index(tmp_path)
