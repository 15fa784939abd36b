import io

import numpy as np
import pytest
from PIL import Image

from multitoon.demo.inpaint import AS_PHOTO, fill, filled_file, hole_of, looks, options_of
from multitoon.demo.stops import Stops
from multitoon.errors import UnknownNameError, UsageError
from multitoon.image import read_photo

BOX = (20, 10, 32, 20)


@pytest.fixture
def paint():
    """An editor's value with one box painted, at half the photo's size."""
    layer = Image.new("RGBA", (30, 20))
    layer.paste("#ee6c4d", tuple(edge // 2 for edge in BOX))
    buffer = io.BytesIO()
    layer.save(buffer, "PNG")
    return {"background": None, "layers": [buffer.getvalue()], "composite": None}


@pytest.fixture
def mask(served):
    """The same hole as a file of the photo's size."""
    image = Image.new("L", (60, 40))
    image.paste(255, BOX)
    path = served / "mask.png"
    image.save(path)
    return str(path)


def outside(path: str, upload: str) -> int:
    """The largest difference from the photo outside the hole."""
    difference = np.abs(np.asarray(Image.open(path)).astype(int) - np.asarray(read_photo(upload).rgb))
    difference[BOX[1] : BOX[3], BOX[0] : BOX[2]] = 0
    return difference.max()


def test_the_hole_is_filled_and_nothing_else_touched(context, upload, paint):
    views = list(fill(context, Stops(), upload, paint, None, AS_PHOTO, 4, 0, "visitor"))
    picture, download, line = views[-1]
    assert picture == download
    assert picture.endswith("holiday.filled.png")
    assert line.startswith("Filled in ")
    assert outside(picture, upload) == 0
    assert all(line.startswith("Filling: step") for _, _, line in views[:-1])


def test_a_mask_from_a_file_and_a_style(context, upload, mask):
    picture = filled_file(context, upload, mask, "ink", 2, 0)
    assert picture.endswith("holiday.filled.ink.png")
    assert outside(filled_file(context, upload, mask, AS_PHOTO, None, None), upload) == 0


def test_stop_takes_what_was_found(context, upload, paint):
    stops = Stops()
    search = fill(context, stops, upload, paint, None, AS_PHOTO, 200, 0, "visitor")
    next(search)
    stops.stop("visitor")
    assert list(search)[-1][2].startswith("Filled in ")


def test_stop_is_heard_while_waiting_in_line(context, upload, paint):
    stops = Stops()
    stops.expect("visitor")
    stops.stop("visitor")
    views = list(fill(context, stops, upload, paint, None, AS_PHOTO, 200, 0, "visitor"))
    assert views == [(None, None, "Stopped before it began.")]
    assert list(fill(context, stops, upload, paint, None, AS_PHOTO, 1, 0, "visitor"))[-1][0]


def test_a_visitors_own_style_is_a_look(context):
    assert looks(context, ["mine-1"]) == ["photo", "hayao", "ink", "mine-1"]


def test_a_visitor_who_leaves_ends_the_search(context, upload, paint):
    search = fill(context, Stops(), upload, paint, None, AS_PHOTO, 200, 0, "visitor")
    next(search)
    search.close()
    assert context.engine.run(lambda: "free") == "free"


def test_empty_masks_are_sentences(context, upload, served):
    photo = read_photo(upload)
    with pytest.raises(UsageError, match="Nothing is painted yet"):
        hole_of(context, photo, {"layers": []}, None)
    black = served / "black.png"
    Image.new("L", (60, 40)).save(black)
    with pytest.raises(UsageError, match="The mask is black"):
        hole_of(context, photo, None, str(black))
    Image.new("L", (40, 60), 255).save(black)
    with pytest.raises(UsageError, match="The mask has 40 × 60 pixels, the photo 60 × 40"):
        hole_of(context, photo, None, str(black))
    Image.new("L", (60, 40), 255).save(black)
    with pytest.raises(UsageError):
        filled_file(context, upload, str(black), AS_PHOTO, 1, 0)


def test_programs_get_sentences(context, upload, mask):
    with pytest.raises(UsageError, match="Send a photo and a mask"):
        filled_file(context, upload, None, AS_PHOTO, 1, 0)
    with pytest.raises(UnknownNameError):
        filled_file(context, upload, mask, "/etc", 1, 0)
    with pytest.raises(UsageError, match="steps is 9999"):
        options_of(9999, 0)
    with pytest.raises(UsageError, match="seed -1"):
        options_of(1, -1)
