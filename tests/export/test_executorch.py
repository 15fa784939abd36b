import json
import sys

import pytest

from multitoon.errors import MissingExtraError
from multitoon.export.executorch import METADATA
from multitoon.export.single import export_style
from multitoon.export.wrap import Contract


def test_written_and_run(tiny_home, tmp_path):
    runtime = pytest.importorskip("executorch.runtime")
    path = tmp_path / "hayao.pte"
    contract = Contract("uint8", "nhwc", (40, 56))
    assert export_style({"hayao": 1.0}, path, format="executorch", contract=contract).holds
    program = runtime.Runtime.get().load_program(path)
    (text,) = program.load_method(METADATA).execute([])
    assert json.loads(text)["size"] == "40x56"


def test_without_executorch(tiny_home, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "executorch.exir", None)
    monkeypatch.setitem(sys.modules, "executorch", None)
    with pytest.raises(MissingExtraError, match="Export to ExecuTorch needs") as caught:
        export_style(
            {"hayao": 1.0}, tmp_path / "x.pte", format="executorch", contract=Contract(size=(40, 56))
        )
    assert caught.value.hint == "pip install 'multitoon[executorch]'"
