import io

import numpy as np
import pytest
from PIL import Image

from multitoon.demo.brush import CANVAS, canvas_file, painted, painted_by_color
from multitoon.errors import ImageReadError, UsageError
from multitoon.image import to_photo
from tests.conftest import gradient

RED, BLUE = "#ee6c4d", "#3d7ea6"


def layer(*dabs: tuple[tuple[int, int, int, int], str]) -> bytes:
    """A transparent 30 x 20 PNG with filled boxes."""
    image = Image.new("RGBA", (30, 20))
    for box, color in dabs:
        image.paste(color, box)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def editor(*layers: bytes) -> dict:
    return {"background": None, "layers": list(layers), "composite": None}


def test_strokes_become_a_mask_of_the_photos_size():
    mask = painted(editor(layer(((3, 2, 6, 4), RED))), (60, 40))
    assert mask.mode == "L"
    assert mask.size == (60, 40)
    assert mask.getbbox() == (6, 4, 12, 8)
    assert set(np.unique(mask)) == {0, 255}


def test_layers_are_taken_together_from_files_too(tmp_path):
    path = tmp_path / "layer.png"
    path.write_bytes(layer(((0, 0, 1, 1), RED)))
    value = editor(layer(((29, 19, 30, 20), RED))) | {}
    value["layers"].append(str(path))
    assert painted(value, (30, 20)).getbbox() == (0, 0, 30, 20)


@pytest.mark.parametrize("value", [None, {}, {"layers": []}, {"layers": None}, editor(layer())])
def test_nothing_painted(value):
    with pytest.raises(UsageError, match="Nothing is painted yet"):
        painted(value, (30, 20))
    assert painted_by_color(value, [RED, BLUE], (30, 20)) == [None, None]


def test_each_color_is_a_mask():
    strokes = editor(layer(((0, 0, 10, 20), RED), ((20, 0, 30, 20), "#3d7ea0")))
    red, blue, none = painted_by_color(strokes, [RED, BLUE, "#000000"], (60, 40))
    assert red.getbbox() == (0, 0, 20, 40)
    assert blue.getbbox() == (40, 0, 60, 40)
    assert none is None


def test_a_layer_that_is_no_picture():
    with pytest.raises(ImageReadError, match="painted mask is not a picture"):
        painted(editor(b"scribble"), (30, 20))


def test_a_layer_that_is_too_large(monkeypatch):
    monkeypatch.setattr("multitoon.demo.brush.LARGEST_LAYER", 500)
    with pytest.raises(ImageReadError, match="30 × 20 pixels"):
        painted(editor(layer(((0, 0, 9, 9), RED))), (30, 20))


def test_the_canvas_is_small(served):
    value = canvas_file(to_photo(gradient(2 * CANVAS, CANVAS)))
    with Image.open(value["background"]) as image:
        assert image.size == (CANVAS, CANVAS // 2)
    assert value["layers"] == []
