import pytest
import torch

from multitoon.errors import ImageReadError
from multitoon.export.calibration import FITTED, MEASURED, batch, calibration, crop
from tests.conftest import gradient


@pytest.fixture
def album(tmp_path):
    for i in range(12):
        gradient(60 + i, 50, seed=i).save(tmp_path / f"{i:02}.png")
    (tmp_path / "notes.txt").write_text("no photo")
    return tmp_path


def test_none_is_fitted_and_measured(album):
    photos = calibration(album)
    assert len(photos.measured) == 2
    assert len(photos.fitted) == 10
    assert not set(photos.fitted) & set(photos.measured)
    assert {path.suffix for path in (*photos.fitted, *photos.measured)} == {".png"}


def test_large_folders_are_spread_over(tmp_path):
    for i in range(200):
        (tmp_path / f"{i:03}.jpg").touch()
    photos = calibration(tmp_path)
    assert (len(photos.fitted), len(photos.measured)) == (FITTED, MEASURED)
    assert photos.fitted[-1].stem > "190"


def test_one_photo_serves_for_both(album):
    for path in sorted(album.glob("*.png"))[1:]:
        path.unlink()
    photos = calibration(album)
    assert photos.fitted == photos.measured
    assert len(photos.fitted) == 1


def test_pictures(album):
    photos = calibration(album)
    x = crop(photos.fitted[0], (20, 30))
    assert x.shape == (1, 3, 20, 30)
    assert x.min() >= -1
    assert x.max() <= 1
    last_and_first = batch(photos.measured, len(photos.measured) - 1, 2, (20, 30))
    assert torch.equal(last_and_first[1:], crop(photos.measured[0], (20, 30)))


def test_no_photos(tmp_path):
    with pytest.raises(ImageReadError, match="holds no photos to calibrate on"):
        calibration(tmp_path)
    with pytest.raises(ImageReadError, match="no such folder"):
        calibration(tmp_path / "none")
