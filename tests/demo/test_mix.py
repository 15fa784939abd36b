import io

import numpy as np
import pytest
from PIL import Image

from multitoon.demo.mix import BRUSHES, PREVIEW_SIZE, mix_file, mixed, preview, read_mix, weights_of
from multitoon.errors import UnknownNameError, UsageError
from multitoon.image import read_photo
from tests.conftest import gradient


def test_sliders_are_the_styles_in_order(context):
    assert weights_of(context, [], [0.5, 0, 0, 0, 0]) == {"hayao": 0.5}
    assert weights_of(context, ["mine-1"], [0, 0.2, 0.7, 0, 0]) == {"ink": 0.2, "mine-1": 0.7}


def test_sliders_over_one_in_all_are_shares(context):
    assert weights_of(context, [], [0.5, 1.0, 0, 0, 0]) == {"hayao": 0.333, "ink": 0.667}
    assert weights_of(context, [], [0, 0.3, 0, 0, 0]) == {"ink": 0.3}


def test_the_preview_is_small(context, served):
    path = served / "wide.png"
    gradient(600, 300).save(path)
    with Image.open(preview(context, str(path), [], False, 0.5, 0.5)) as image:
        assert image.size == (PREVIEW_SIZE, PREVIEW_SIZE // 2)


def test_the_mix_is_full_size_and_named(context, upload):
    picture, download, note = mixed(context, upload, [], False, None, 0.6, 0.4)
    assert picture == download
    assert picture.endswith("holiday.hayao-ink.png")
    assert note.startswith("60% hayao and 40% ink: 60 × 40 pixels")
    wanted = context.engine.draw(read_photo(upload), {"hayao": 0.6, "ink": 0.4}).image
    assert np.array_equal(Image.open(picture), wanted)


def test_a_painted_part_has_its_own_style(context, upload):
    layer = Image.new("RGBA", (30, 20))
    layer.paste(BRUSHES[1], (0, 0, 15, 20))
    buffer = io.BytesIO()
    layer.save(buffer, "PNG")
    paint = {"background": None, "layers": [buffer.getvalue()], "composite": None}
    both = np.asarray(Image.open(mixed(context, upload, [], False, paint, 1.0, 0.0)[0])).astype(int)
    photo = read_photo(upload)
    hayao = np.asarray(context.engine.draw(photo, {"hayao": 1.0}).image).astype(int)
    ink = np.asarray(context.engine.draw(photo, {"ink": 1.0}).image).astype(int)
    assert np.abs(both[:, :8] - ink[:, :8]).max() <= 1
    assert np.abs(both[:, 52:] - hayao[:, 52:]).max() <= 1


def test_all_sliders_at_zero(context, upload):
    for handler in (
        lambda: mixed(context, upload, [], False, None, 0, 0),
        lambda: preview(context, upload, [], False, 0),
    ):
        with pytest.raises(UsageError, match="All weights of the mix are 0"):
            handler()


def test_programs_write_mixes_as_text(context, upload):
    assert read_mix("hayao:0.6, ink:0.4") == {"hayao": 0.6, "ink": 0.4}
    assert mix_file(context, upload, "hayao:0.6,ink:0.4", False).endswith("holiday.mix.png")
    with pytest.raises(UsageError, match="'hayao' should read STYLE:WEIGHT"):
        mix_file(context, upload, "hayao", False)
    with pytest.raises(UsageError, match="All weights"):
        mix_file(context, upload, "hayao:0", False)
    with pytest.raises(UnknownNameError):
        mix_file(context, upload, "/etc/passwd:1", False)
    with pytest.raises(UsageError, match="no photo"):
        mix_file(context, None, "hayao:1", False)
