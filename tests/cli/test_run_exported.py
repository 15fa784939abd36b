import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from multitoon.export.single import export_style
from multitoon.export.wrap import Contract
from multitoon.stylize import MultiToon
from tests.conftest import gradient, on_grain

pytest.importorskip("onnxruntime")


def exported(tiny_files, path, contract):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MULTITOON_ADAPTERS", str(tiny_files))
        export_style({"hayao": 1.0}, path, contract=contract)
    return path


@pytest.fixture(scope="module")
def model(tiny_files, tmp_path_factory):
    """For pictures of any size, in floats."""
    return exported(tiny_files, tmp_path_factory.mktemp("any") / "hayao.onnx", Contract())


@pytest.fixture(scope="module")
def bound(tiny_files, tmp_path_factory):
    """For pictures of the size of `photo_file`, in bytes."""
    contract = Contract("uint8", "nhwc", (45, 67))
    return exported(tiny_files, tmp_path_factory.mktemp("one") / "hayao.onnx", contract)


@pytest.mark.parametrize("which", ["model", "bound"])
def test_draws_what_stylize_draws(run, which, request, tiny_home, photo_file):
    model = request.getfixturevalue(which)
    result = run("run-exported", model, photo_file)
    assert result.exit_code == 0, result.stderr
    written = photo_file.with_name("photo.hayao.png")
    assert result.stdout.strip() == str(written)
    toon = MultiToon.from_pretrained()
    toon.set_adapter("hayao")
    with Image.open(photo_file) as photo, Image.open(written) as drawn:
        wanted = np.asarray(toon.stylize(photo)).astype(int)
        assert np.abs(np.asarray(drawn).astype(int) - wanted).max() <= 1
    again = run("run-exported", model, photo_file)
    assert again.exit_code == 1
    assert "exists already" in again.stderr


def test_lies_on_the_styles_paper(run, tiny_files, photo_file, tmp_path, monkeypatch):
    home = on_grain(tiny_files, "hayao", 0.05, tmp_path / "home")
    model = exported(home, tmp_path / "hayao.onnx", Contract())
    monkeypatch.setenv("MULTITOON_ADAPTERS", str(home))
    toon = MultiToon.from_pretrained()
    toon.set_adapter("hayao")
    drawn = {}
    for paper in (True, False):
        path = tmp_path / f"{paper}.png"
        assert run("run-exported", model, photo_file, "-o", path, *["--no-paper"][paper:]).exit_code == 0
        with Image.open(photo_file) as photo, Image.open(path) as picture:
            drawn[paper] = np.asarray(picture).astype(int)
            wanted = np.asarray(toon.stylize(photo, paper=paper)).astype(int)
        assert np.abs(drawn[paper] - wanted).max() <= 1
    assert np.abs(drawn[True] - drawn[False]).mean() > 2


def test_upright_and_json(run, model, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    gradient(40, 20).save(tmp_path / "side.jpg", exif=exif)
    result = run("run-exported", model, tmp_path / "side.jpg", "-o", tmp_path / "x/toon.jpg", "--json")
    report = json.loads(result.stdout)
    assert report["size"] == [40, 20]
    assert report["model"]["style"] == "hayao:1"
    with Image.open(tmp_path / "x/toon.jpg") as toon:
        assert toon.size == (20, 40)


def test_needs_neither_torch_nor_anything_of_ours(model, photo_file):
    code = (
        "import sys; from multitoon.cli import main; main(sys.argv[1:], standalone_mode=False);"
        "print('torch' in sys.modules, 'onnx' in sys.modules)"
    )
    words = [sys.executable, "-c", code, "run-exported", str(model), str(photo_file), "--overwrite"]
    assert subprocess.check_output(words, text=True).splitlines()[-1] == "False False"


def test_what_is_no_export(run, model, photo_file, tmp_path):
    import onnx

    foreign = onnx.load(model)
    del foreign.metadata_props[:]
    onnx.save(foreign, tmp_path / "foreign.onnx")
    (tmp_path / "text.onnx").write_text("hello")
    for words, message in (
        ((tmp_path / "foreign.onnx", photo_file), "its metadata name no layout, range and size"),
        ((tmp_path / "text.onnx", photo_file), "not a file that ONNX Runtime opens"),
        ((model, tmp_path / "text.onnx"), "is not a picture"),
    ):
        result = run("run-exported", *words)
        assert result.exit_code == 1
        assert message in result.stderr
    result = run("run-exported", model, photo_file, "-o", tmp_path / "toon.txt")
    assert result.exit_code == 2
    assert "no picture format has the suffix '.txt'" in result.stderr


def test_one_size(run, bound, tmp_path):
    gradient(100, 100).save(tmp_path / "square.png")
    result = run("run-exported", bound, tmp_path / "square.png", "-o", tmp_path / "toon.png")
    assert result.exit_code == 0, result.stderr
    with Image.open(tmp_path / "toon.png") as toon:
        assert toon.size == (67, 45)
