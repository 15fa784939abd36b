import pytest

from multitoon.data.picture_files import picture_files
from multitoon.errors import ImageReadError


def test_pictures_by_their_suffix_in_order(tmp_path):
    for name in ("b.JPG", "a.png", "notes.txt", ".hidden.png", "deep/c.webp", ".deep/d.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "folder.png").mkdir()
    assert [path.name for path in picture_files(tmp_path)] == ["a.png", "b.JPG"]
    assert [path.name for path in picture_files(tmp_path, recursive=True)] == ["a.png", "b.JPG", "c.webp"]


def test_what_is_no_folder(tmp_path):
    (tmp_path / "file").touch()
    for name in ("none", "file"):
        with pytest.raises(ImageReadError, match=f"{name}: no such folder"):
            picture_files(tmp_path / name)
