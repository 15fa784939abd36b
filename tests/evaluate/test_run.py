import shutil

import pytest
from safetensors.torch import save_file

from multitoon.errors import ImageReadError, UsageError
from multitoon.evaluate.figures import Agreement, to_json
from multitoon.evaluate.inception import Inception768
from multitoon.evaluate.run import References, evaluate_style, evaluate_toons
from tests.conftest import gradient


@pytest.fixture
def teacher(tmp_path):
    """A toon of each photo in `album`, with other grain."""
    folder = tmp_path / "teacher"
    folder.mkdir()
    for seed in range(3):
        gradient(256, 256, seed=9 + seed).save(folder / f"photo{seed}.hayao.png")
    return folder


def test_photos_as_their_own_toons(album, teacher):
    calls = []
    result = evaluate_toons(album, album, References(teacher), lambda *numbers: calls.append(numbers))
    assert calls == [(1, 3), (2, 3), (3, 3)]
    assert (result.pictures, result.side) == (3, 256)
    assert result.ssim == pytest.approx(1)
    assert result.gradient_similarity == 1
    assert (result.color_drift, result.border_ratio) == (0, 1)
    assert result.flat_share == result.flat_share_photo
    assert result.checkerboard == result.checkerboard_photo
    assert result.teacher.detail.toon == result.teacher.detail.photo
    assert result.teacher.detail.covered == result.teacher.detail_pooled.covered == 0
    assert result.drift_ratio == 0
    assert result.teacher.color_drift > 0


def test_a_style_gives_the_same_figures_twice(tiny_home, album, teacher):
    references = References(teacher_toons=teacher)
    first, second = (to_json(evaluate_style("hayao", album, references)) for _ in range(2))
    assert first == second
    assert first["toons"] == "hayao"
    detail = first["teacher"]["detail"]
    assert detail["covered"] == (detail["toon"] - detail["photo"]) / (1 - detail["photo"])
    assert 0 < first["ssim"] < 1


def test_style_images(album, tmp_path):
    weights = tmp_path / "inception.safetensors"
    save_file(Inception768().state_dict(), weights)
    result = evaluate_toons(album, album, References(style_images=album, inception_weights=weights))
    assert result.style.style_pictures == 3
    assert result.style.fid_768 == pytest.approx(0, abs=1e-6)
    assert result.style.kid_768 == result.style.kid_768_photo


def test_a_missing_toon(album, tmp_path):
    toons = tmp_path / "toons"
    shutil.copytree(album, toons)
    (toons / "photo1.png").unlink()
    with pytest.raises(ImageReadError, match=r"holds no picture of photo1\.png"):
        evaluate_toons(toons, album)


def test_weights_and_style_images_need_each_other(album):
    with pytest.raises(UsageError, match="need each other"):
        References(style_images=album)


def test_covered():
    assert Agreement(toon=0.86, photo=0.72).covered == pytest.approx(0.5)
    assert Agreement(toon=0.86, photo=1.0).covered is None


def test_photos_as_their_own_teacher(album):
    result = evaluate_toons(album, album, References(teacher_toons=album))
    assert result.teacher.color_drift == 0
    assert result.drift_ratio is None
