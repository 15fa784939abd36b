import os
import time
from pathlib import Path

import pytest
from PIL import Image

from multitoon.demo.engine import Toon
from multitoon.demo.results import Sweeper, new_file, own_temp_folder, shown, toon_name, write_toon
from multitoon.image import is_toon, read_photo
from tests.conftest import gradient


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("photo.hayao.png", "photo.hayao.png"),
        ("../../etc/passwd", "passwd"),
        ("a b;rm -rf $HOME.png", "HOME.png"),
        ("ünïcode 写真.png", "ünïcode_写真.png"),
        ("....png", "toon.png"),
    ],
)
def test_names_are_harmless_and_files_inside(served, name, wanted):
    path = new_file(name)
    assert path.parent.parent == served
    assert path.name == (wanted if "rm" not in name else path.name)
    assert "/" not in path.name
    assert not path.name.startswith(".")


def test_a_toon_says_how_it_was_made(served, upload):
    photo = read_photo(upload)
    path = write_toon(Toon(photo.rgb, {"style": "ink", "strength": "1"}), photo, toon_name(upload, "ink"))
    assert Path(path).name == "holiday.ink.png"
    assert is_toon(path)
    with Image.open(path) as image:
        assert image.text["Style"] == "ink"
        assert image.size == (60, 40)


def test_what_browsers_can_show_is_shown_as_it_came(served, tmp_path, upload):
    assert shown(upload, read_photo(upload)) == upload
    tiff = tmp_path / "scan.tiff"
    gradient(9, 7).save(tiff)
    copy = shown(tiff, read_photo(tiff))
    with Image.open(copy) as image:
        assert image.format == "PNG"
        assert image.size == (9, 7)


def test_what_is_old_goes_and_the_pages_own_stays(tmp_path):
    own = tmp_path / "own" / "canvas.png"
    own.parent.mkdir()
    own.write_bytes(b"x")
    sweeper = Sweeper(tmp_path, 3600)
    upload = tmp_path / "upload" / "photo.jpg"
    upload.parent.mkdir()
    upload.write_bytes(b"x")
    os.utime(upload, (0, 0))  # an old photo, sent just now
    assert sweeper.sweep() == 0
    assert upload.exists()
    sweeper.seconds = 0
    assert sweeper.sweep() == 1
    assert own.exists()
    assert not upload.parent.exists()


def test_it_sweeps_by_itself(tmp_path):
    sweeper = Sweeper(tmp_path, 0.05)
    (tmp_path / "photo.jpg").write_bytes(b"x")
    sweeper.start()
    deadline = time.monotonic() + 20
    while (tmp_path / "photo.jpg").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    sweeper.stop()
    assert not (tmp_path / "photo.jpg").exists()


def test_the_folder_is_this_process_own(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "given"))
    folder = own_temp_folder()
    assert folder.parent == tmp_path / "given"
    assert own_temp_folder() == folder
