from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from multitoon.errors import ImageReadError, UsageError
from multitoon.image import read_photo, to_photo
from multitoon.inpaint.mask import MaskOptions, find_hole, find_mask, random_blocks
from tests.conftest import gradient


def white_square(path: Path, size_wh: tuple[int, int] = (40, 30)) -> Path:
    image = Image.new("L", size_wh, 0)
    image.paste(255, (10, 5, 20, 15))
    image.save(path)
    return path


def test_white_is_hole(tmp_path):
    hole, notes = find_hole(to_photo(gradient(40, 30)), MaskOptions(str(white_square(tmp_path / "m.png"))))
    assert notes == ()
    assert hole.shape == (1, 1, 30, 40)
    assert hole.sum() == 100
    assert hole[0, 0, 5:15, 10:20].all()


def test_another_size_is_resized_without_new_grays(tmp_path):
    mask = white_square(tmp_path / "m.png")
    hole, notes = find_hole(to_photo(gradient(80, 60)), MaskOptions(str(mask)))
    assert hole.sum() == 400
    assert set(hole.unique().tolist()) == {0.0, 1.0}
    assert notes == ("its mask of 40x30 pixels was resized to 80x60",)


def test_an_empty_and_an_inverted_mask_are_said(tmp_path):
    photo = to_photo(gradient(40, 30))
    Image.new("L", (40, 30), 0).save(tmp_path / "empty.png")
    assert "nothing is missing" in find_hole(photo, MaskOptions(str(tmp_path / "empty.png")))[1][0]
    inverted = Image.new("L", (40, 30), 255)
    inverted.paste(0, (3, 3, 9, 9))
    inverted.save(tmp_path / "inverted.png")
    hole, notes = find_hole(photo, MaskOptions(str(tmp_path / "inverted.png")))
    assert "97% of it are hole; white means hole (--invert-mask" in notes[0]
    hole, notes = find_hole(photo, MaskOptions(str(tmp_path / "inverted.png"), invert=True))
    assert notes == ()
    assert hole.sum() == 36


def test_alpha(tmp_path):
    image = gradient(40, 30).convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 8, 8))
    hole, notes = find_hole(to_photo(image), MaskOptions("alpha"))
    assert hole.sum() == 64
    assert notes == ()
    assert find_hole(to_photo(gradient(40, 30)), MaskOptions("alpha"))[1][0] == "it has no transparent parts"


def test_color_and_one_pixel_around(tmp_path):
    image = Image.new("RGB", (40, 30), "#208040")
    image.paste("#f808f0", (10, 10, 20, 20))
    hole, _ = find_hole(to_photo(image), MaskOptions("#ff00ff"))
    assert hole[0, 0, 9:21, 9:21].all()
    assert hole.sum() == 144


def test_boxes_are_cut_at_the_border_and_united():
    hole, _ = find_hole(to_photo(gradient(40, 30)), MaskOptions(boxes=((-5, -5, 10, 10), (3, 3, 4, 4))))
    assert hole.sum() == 25 + 16 - 4


def test_a_box_outside_is_an_error():
    with pytest.raises(UsageError, match="Box 50,0,5,5 misses the photo of 40x30 pixels"):
        find_hole(to_photo(gradient(40, 30)), MaskOptions(boxes=((50, 0, 5, 5),)))


def test_random_blocks_follow_the_seed():
    assert torch.equal(random_blocks((64, 80), 3, 1), random_blocks((64, 80), 3, 1))
    assert not torch.equal(random_blocks((64, 80), 3, 1), random_blocks((64, 80), 3, 2))
    assert random_blocks((64, 80), 1, 0).sum() == 64


def test_no_source_is_an_error():
    with pytest.raises(UsageError, match="Nothing says where the hole is"):
        find_hole(to_photo(gradient(8, 8)), MaskOptions())


def test_masks_in_a_folder_are_found_by_name(tmp_path, photo_file):
    masks = tmp_path / "masks"
    masks.mkdir()
    with pytest.raises(ImageReadError, match=r"holds no mask for photo\.jpg") as caught:
        find_hole(read_photo(photo_file), MaskOptions(str(masks)))
    assert "photo_mask.png" in caught.value.hint
    white_square(masks / "photo_mask.png", (67, 45))
    assert find_hole(read_photo(photo_file), MaskOptions(str(masks)))[0].sum() == 100
    white_square(masks / "photo.png", (67, 45))
    assert find_mask(masks, photo_file).name == "photo.png"


def test_transparent_white_is_no_hole(tmp_path):
    rgba = np.full((30, 40, 4), 255, np.uint8)
    rgba[..., 3] = 0
    rgba[2:4, 2:4, 3] = 255
    Image.fromarray(rgba).save(tmp_path / "m.png")
    assert find_hole(to_photo(gradient(40, 30)), MaskOptions(str(tmp_path / "m.png")))[0].sum() == 4
