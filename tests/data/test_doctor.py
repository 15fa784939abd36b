import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from multitoon.data.doctor import FEW, Report, inspect_folders
from multitoon.data.survey import survey
from multitoon.errors import ConfigError
from tests.data.test_fingerprint import scene


def folder_of(path: Path, seeds: range, size_wh: tuple[int, int] = (160, 130)) -> Path:
    """A folder with a JPEG per seed."""
    path.mkdir()
    for seed in seeds:
        scene(seed, *size_wh).save(path / f"{seed:03}.jpg")
    return path


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Style images and photos, twelve each, with nothing to fix."""
    monkeypatch.setitem(FEW, "style images", 10)
    monkeypatch.setitem(FEW, "photos", 10)
    return folder_of(tmp_path / "styles", range(12)), folder_of(tmp_path / "photos", range(50, 62))


def texts(report: Report) -> str:
    return "\n".join(f"{problem.severity}: {problem.text}" for problem in report.problems)


def test_good_folders_have_no_problem(folders):
    report = inspect_folders(*folders)
    assert texts(report) == ""
    styles, photos = report.folders
    assert (styles.role, styles.count, styles.damaged, styles.shorter_side) == (
        "style images",
        12,
        0,
        (130, 130, 130),
    )
    assert photos.count == 12
    assert 0.35 < photos.brightness < 0.65
    assert photos.licenses is None


def test_missing_and_empty_folders_are_errors(tmp_path):
    (tmp_path / "empty").mkdir()
    report = inspect_folders(tmp_path / "nowhere", tmp_path / "empty")
    assert [problem.severity for problem in report.problems] == ["error", "error"]
    assert "nowhere: no such folder" in texts(report)
    assert "empty holds no pictures" in texts(report)


def test_damaged_files_are_errors_with_names(folders):
    whole = (folders[1] / "050.jpg").read_bytes()
    (folders[1] / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (folders[1] / "text.png").write_text("no picture")
    (folders[1] / "empty.webp").touch()
    (problem,) = inspect_folders(*folders).errors
    assert "3 files of the photos can't be read" in problem.text
    assert [Path(name).name for name in problem.files] == ["cut.jpg", "empty.webp", "text.png"]


def test_blank_and_tiny_pictures(folders):
    Image.new("RGB", (300, 300), "white").save(folders[0] / "white.png")
    scene(30, 200, 90).save(folders[0] / "tiny.png")
    report = inspect_folders(*folders)
    assert "1 picture of the style images is blank" in texts(report)
    assert "smaller than 128 pixels on the shorter side, down to 200x90" in texts(report)
    assert not report.errors


def test_copies_within_a_folder(folders):
    shutil.copy(folders[0] / "003.jpg", folders[0] / "again.jpg")
    scene(4, 320, 260).save(folders[0] / "large.jpg", quality=60)
    exact, near = inspect_folders(*folders).problems
    assert "1 file of the style images repeats others byte for byte." in exact.text
    assert [Path(name).name for name in exact.files] == ["again.jpg"]
    assert "1 picture of the style images nearly repeats others" in near.text
    assert [Path(name).name for name in near.files] == ["004.jpg"]  # the larger one stays


def test_copies_across_the_folders(folders):
    scene(5, 240, 180).save(folders[1] / "frame.png")
    (problem,) = inspect_folders(*folders).problems
    assert "1 photo is also among the style images" in problem.text
    assert [Path(name).name for name in problem.files] == ["frame.png"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda rgb: 0.3 * rgb, "darker than the photos"),
        (lambda rgb: rgb.mean(-1, keepdims=True) + 0 * rgb, "almost gray"),
        (lambda rgb: rgb * (1, 0.6, 0.3), "lean toward orange"),
    ],
)
def test_style_of_other_colors(folders, change, expected):
    for path in folders[0].iterdir():
        rgb = np.asarray(Image.open(path), np.float64)
        Image.fromarray(change(rgb).round().astype(np.uint8)).save(path)
    assert expected in texts(inspect_folders(*folders))


def test_licenses_of_metadata(folders):
    rows = [{"file_name": f"{i:03}.jpg", "license": "CC0"} for i in range(11)]
    rows += [{"file_name": "011.jpg"}, {"file_name": "gone.jpg", "license": "CC0"}]
    (folders[0] / "metadata.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    report = inspect_folders(*folders)
    assert report.folders[0].licenses == {"CC0": 11, "none given": 1}
    assert "1 picture of the style images has no license in metadata.jsonl" in texts(report)
    assert "names 1 file that is not there" in texts(report)


def test_metadata_that_is_no_json_lines(folders):
    (folders[0] / "metadata.jsonl").write_text("file_name,license\n")
    with pytest.raises(ConfigError, match=r"metadata.jsonl, line 1: wanted a JSON object with file_name"):
        inspect_folders(*folders)


def test_few_pictures(tmp_path):
    report = inspect_folders(folder_of(tmp_path / "few", range(3)), None)
    assert "only 3 pictures among the style images" in texts(report)


def test_rotated_photo_has_its_upright_size(tmp_path):
    folder = folder_of(tmp_path / "photos", range(1), (200, 140))
    exif = Image.Exif()
    exif[0x0112] = 6
    scene(1, 200, 140).save(folder / "turned.jpg", exif=exif)
    sizes = {picture.path.name: picture.size_wh for picture in survey(folder).pictures}
    assert sizes == {"000.jpg": (200, 140), "turned.jpg": (140, 200)}
