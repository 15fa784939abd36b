import numpy as np
import pytest
from PIL import Image

from multitoon.errors import UsageError
from multitoon.sheet import GAP, contact_sheet
from tests.conftest import gradient


def test_pictures_stand_in_their_cells_and_labels_below():
    sheet = contact_sheet(
        [{"photo": Image.new("RGB", (100, 60), "red"), "ink": Image.new("RGB", (100, 60), "blue")}]
    )
    assert sheet.width == 3 * GAP + 200
    assert sheet.getpixel((GAP, GAP)) == (255, 0, 0)
    assert sheet.getpixel((2 * GAP + 100, GAP)) == (0, 0, 255)
    below = np.asarray(sheet)[GAP + 60 :]
    assert below.min() < 128  # there is ink
    assert below[-GAP:].min() == 255  # and a margin


def test_rows_and_columns():
    pictures = {str(i): gradient(40, 30) for i in range(5)}
    one, broken = contact_sheet([pictures]), contact_sheet([pictures], columns=3)
    assert one.width > broken.width
    assert broken.height > one.height
    assert contact_sheet([pictures, pictures]).height > one.height


def test_cell_scales_down_only():
    assert contact_sheet([{"a": gradient(400, 300)}], cell=100).width == 100 + 2 * GAP
    assert contact_sheet([{"a": gradient(40, 30)}], cell=100).width == 40 + 2 * GAP


def test_transparent_pictures_lie_on_paper():
    assert contact_sheet([{"a": Image.new("RGBA", (20, 20), (0, 0, 0, 0))}]).getpixel((15, 15)) == (
        255,
        255,
        255,
    )


def test_no_picture_is_an_error():
    with pytest.raises(UsageError, match="at least one picture"):
        contact_sheet([])
