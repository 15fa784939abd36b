import numpy as np
import pytest
from PIL import Image

from multitoon.demo.stylize import all_styles, all_styles_files, stylize, toon_file
from multitoon.errors import ImageReadError, UnknownNameError, UsageError
from multitoon.image import read_photo


def test_before_and_after_at_full_size(context, upload):
    (before, after), download, note = stylize(context, upload, "ink", 1.0, False)
    assert before == upload
    assert after == download
    assert note.startswith("60 × 40 pixels, drawn in ")
    wanted = context.engine.draw(read_photo(upload), {"ink": 1.0}).image
    with Image.open(after) as image:
        assert np.array_equal(image, wanted)


def test_strength_and_colors_reach_the_model(context, upload):
    whole = stylize(context, upload, "ink", 1.0, False)[1]
    half = stylize(context, upload, "ink", 0.5, False)[1]
    colors = stylize(context, upload, "ink", 1.0, True)[1]
    pictures = [np.asarray(Image.open(path)) for path in (whole, half, colors)]
    assert not np.array_equal(pictures[0], pictures[1])
    assert not np.array_equal(pictures[0], pictures[2])


def test_without_a_photo_the_example_is_there_at_once(context):
    (before, after), download, note = stylize(context, None, "ink", 1.0, False)
    assert (before, after) == (context.sample, context.drawn[context.sample, "ink"])
    assert download == after
    assert "CC0" in note


def test_all_styles_have_their_names(context, upload):
    toons = all_styles(context, upload, [], 1.0, False)
    assert [style for _, style in toons] == ["hayao", "ink"]
    assert all_styles_files(context, upload, 1.0, False)


def test_programs_get_sentences(context, upload):
    with pytest.raises(UsageError, match="There is no photo"):
        toon_file(context, None, "ink", 1.0, False)
    with pytest.raises(UnknownNameError, match="Unknown style 'oil'"):
        toon_file(context, upload, "oil", 1.0, False)
    with pytest.raises(UsageError, match=r"strength is 9\.0"):
        toon_file(context, upload, "ink", 9.0, False)


def test_a_photo_over_the_limit(context, served):
    path = served / "large.png"
    Image.new("L", (1500, 1000)).save(path)
    with pytest.raises(ImageReadError, match="2 megapixels; this page draws up to 1"):
        stylize(context, str(path), "ink", 1.0, False)
