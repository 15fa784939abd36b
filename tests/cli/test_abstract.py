import json

import numpy as np
import pytest
import torch
from PIL import Image

from multitoon.filters.abstraction import AbstractionConfig, abstract, draw_lines
from multitoon.image import float_to_pixels, to_pixels, to_tensor
from tests.conftest import gradient


def pixels(path) -> torch.Tensor:
    with Image.open(path) as image:
        return to_pixels(image.convert("RGB"))


def test_one_photo(run, photo_file):
    result = run("abstract", photo_file)
    toon = photo_file.with_name("photo.abstract.png")
    assert (result.exit_code, result.stdout, result.stderr) == (0, f"{toon}\n", "")
    with Image.open(toon) as image:
        assert image.size == (67, 45)
        assert image.text["Software"] == "multitoon 0.1.0"
        assert (image.text["Style"], image.text["Levels"]) == ("abstract", "8")
    assert torch.equal(pixels(toon), float_to_pixels(abstract(to_tensor(Image.open(photo_file)))))


def test_levels(run, photo_file):
    assert run("abstract", photo_file, "--levels", 3).exit_code == 0
    expected = abstract(to_tensor(Image.open(photo_file)), AbstractionConfig(levels=3))
    assert torch.equal(pixels(photo_file.with_name("photo.abstract.png")), float_to_pixels(expected))


def test_lines_only(run, photo_file):
    assert run("abstract", photo_file, "--lines-only").exit_code == 0
    drawn = pixels(photo_file.with_name("photo.lines.png"))
    expected = draw_lines(to_tensor(Image.open(photo_file))) * 2 - 1
    assert torch.equal(drawn, float_to_pixels(expected).expand(-1, 3, -1, -1))


def test_flow_image(run, photo_file):
    assert run("abstract", photo_file, "--flow-image").exit_code == 0
    drawn = pixels(photo_file.with_name("photo.flow.png"))
    assert drawn.shape == (1, 3, 45, 67)
    assert drawn.float().std() > 20


def test_folder_with_a_bad_file(run, photo_file):
    (photo_file.parent / "empty.jpg").write_bytes(b"")
    result = run("abstract", photo_file.parent, "--json")
    assert result.exit_code == 3
    report = json.loads(result.stdout)
    assert (report["done"], report["failed"]) == (1, 1)
    assert "empty.jpg is empty (0 bytes)." in result.stderr


def test_own_cartoons_are_no_photos(run, photo_file):
    run("abstract", photo_file.parent)
    result = run("abstract", photo_file.parent, "--lines-only")
    assert result.stdout == f"{photo_file.with_name('photo.lines.png')}\n"
    assert "Left out 1 toons" in result.stderr


def test_alpha_stays(run, tmp_path):
    photo = gradient(20, 30)
    photo.putalpha(Image.fromarray(np.tile(np.uint8([0, 255]), (30, 10))))
    photo.save(tmp_path / "photo.png")
    assert run("abstract", tmp_path / "photo.png", "-o", tmp_path / "out").exit_code == 0
    with Image.open(tmp_path / "out" / "photo.abstract.png") as image:
        assert image.mode == "RGBA"
        assert image.getchannel("A").tobytes() == photo.getchannel("A").tobytes()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--lines-only", "--flow-image"), "--lines-only and --flow-image exclude each other."),
        (("--lines-only", "--levels", 4), "--levels has no effect on lines and flow"),
        (("--levels", 1), "1 is not in the range 2<=x<=256"),
    ],
)
def test_usage(run, photo_file, words, sentence):
    result = run("abstract", photo_file, *words)
    assert result.exit_code == 2
    assert sentence in result.stderr
