import pytest
from PIL import Image

from multitoon.errors import ImageReadError, UsageError
from multitoon.evaluate.pictures import SIDE, matching, pictures_in, read_square, square
from tests.conftest import gradient


def test_pictures_in_order(album):
    (album / "notes.txt").write_text("no picture")
    (album / ".photo3.png").write_text("hidden")
    assert [path.name for path in pictures_in(album)] == ["photo0.png", "photo1.png", "photo2.png"]


def test_matching_by_name(album, tmp_path):
    toons = tmp_path / "toons"
    toons.mkdir()
    photos = pictures_in(album)
    for name in ("photo0.png", "photo1.hayao.png", "photo2.jpg", "photo22.png"):
        gradient(8, 8).save(toons / name)
    assert [p.name for p in matching(photos, toons)] == ["photo0.png", "photo1.hayao.png", "photo2.jpg"]
    gradient(8, 8).save(toons / "photo1.ink.png")
    with pytest.raises(UsageError, match=r"several pictures of photo1\.png: photo1\.hayao\.png, photo1\.ink"):
        matching(photos, toons)
    (toons / "photo0.png").unlink()
    with pytest.raises(ImageReadError, match=r"holds no picture of photo0\.png"):
        matching(photos, toons)


def test_square():
    image = gradient(300, 256)
    assert square(image).tobytes() == image.crop((22, 0, 278, 256)).tobytes()
    assert square(Image.new("RGB", (900, 500))).size == (SIDE, SIDE)
    small = gradient(SIDE, SIDE)
    assert square(small) is small


def test_read_square(album):
    x = read_square(album / "photo0.png")
    assert x.shape == (1, 3, SIDE, SIDE)
    assert x.min() >= -1
    assert x.max() <= 1


def test_empty_and_missing_folders(tmp_path):
    with pytest.raises(ImageReadError, match="holds no pictures"):
        pictures_in(tmp_path)
    with pytest.raises(ImageReadError, match="no such folder"):
        pictures_in(tmp_path / "none")
