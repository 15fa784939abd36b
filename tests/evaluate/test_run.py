import shutil

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from multitoon.errors import ImageReadError, UsageError
from multitoon.evaluate import tables
from multitoon.evaluate.figures import Agreement, to_json
from multitoon.evaluate.inception import Inception
from multitoon.evaluate.mobilenet import NAME, MobileNetV2
from multitoon.evaluate.pictures import read_square
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
    references = References(teacher_toons=teacher, style_images=teacher, clip=album)
    first, second = (to_json(evaluate_style("hayao", album, references)) for _ in range(2))
    assert first == second
    assert first["toons"] == "hayao"
    detail = first["teacher"]["detail"]
    assert detail["covered"] == (detail["toon"] - detail["photo"]) / (1 - detail["photo"])
    assert 0 < first["ssim"] < 1
    assert first["network"]["parity"] < 1e-4
    assert first["clip"]["frames"] == 3
    assert first["style"]["inception"] == {}
    assert first["cost"] is None


def test_weights(album, tmp_path):
    torch.manual_seed(0)
    inception, classifier = tmp_path / "inception.safetensors", tmp_path / "mobilenet.safetensors"
    save_file(Inception().state_dict(), inception)
    save_file(MobileNetV2().state_dict(), classifier)
    references = References(style_images=album, inception_weights=inception, classifier_weights=classifier)
    result = evaluate_toons(album, album, references)
    assert result.style.style_pictures == 3
    assert (result.style.color.toon, result.style.gradient.photo) == (0, 0)
    gap = result.style.inception["768"]
    assert gap.fid.toon == pytest.approx(0, abs=1e-6)
    assert gap.kid.toon == gap.kid.photo
    assert result.score.classifier == NAME
    assert 1 <= result.score.toon == result.score.photo <= 3


def test_fid_of_two_folders_agrees_with_scipy(tmp_path, monkeypatch):
    linalg = pytest.importorskip("scipy.linalg")

    def network(x):
        return {"768": torch.nn.functional.adaptive_avg_pool2d(x, 3).flatten(1)}  # 27 features

    monkeypatch.setattr(tables, "load_inception", lambda source: network)
    random = np.random.default_rng(0)
    clouds = {}
    for name, count, spread in (("toons", 40, 90), ("style", 50, 60)):
        folder = tmp_path / name
        folder.mkdir()
        cells = (128 + spread * random.uniform(-1, 1, (count, 3, 3, 3))).astype(np.uint8)
        for i, cell in enumerate(cells):
            Image.fromarray(cell).resize((256, 256), Image.Resampling.BICUBIC).save(folder / f"{i:02}.png")
        pixels = [np.asarray(Image.open(path)) / 127.5 - 1 for path in sorted(folder.iterdir())]
        # The windows of an adaptive pool overlap: 256 / 3 is no whole number.
        edges = [(0, 86), (85, 171), (170, 256)]
        clouds[name] = np.array(
            [[p[a:b, c:d, k].mean() for k in range(3) for a, b in edges for c, d in edges] for p in pixels]
        )
    table = tables.StyleTable(tmp_path / "style", "weights")
    for path in sorted((tmp_path / "toons").iterdir()):
        table.add(path, read_square(path), read_square(path))
    found = table.figures().inception["768"].fid.toon

    (mean_x, cov_x), (mean_y, cov_y) = ((c.mean(0), np.cov(c, rowvar=False)) for c in clouds.values())
    root = linalg.sqrtm(cov_x @ cov_y).real
    expected = ((mean_x - mean_y) ** 2).sum() + np.trace(cov_x + cov_y - 2 * root)
    assert found == pytest.approx(expected, rel=1e-3)


def test_a_missing_toon(album, tmp_path):
    toons = tmp_path / "toons"
    shutil.copytree(album, toons)
    (toons / "photo1.png").unlink()
    with pytest.raises(ImageReadError, match=r"holds no picture of photo1\.png"):
        evaluate_toons(toons, album)


def test_references_that_lack_another(tiny_home, album):
    with pytest.raises(UsageError, match="Inception's weights without pictures of the style"):
        References(inception_weights=album)
    with pytest.raises(UsageError, match="A clip's toons without the clip"):
        References(clip_toons=album)
    with pytest.raises(UsageError, match="A clip without its toons"):
        evaluate_toons(album, album, References(clip=album))
    with pytest.raises(UsageError, match="A style draws its own clip"):
        evaluate_style("hayao", album, References(clip=album, clip_toons=album))


def test_a_clip_of_toons(album):
    result = evaluate_toons(album, album, References(clip=album, clip_toons=album))
    assert result.clip.frames == 3
    assert result.clip.flicker == result.clip.flicker_photo


def test_covered():
    assert Agreement(toon=0.86, photo=0.72).covered == pytest.approx(0.5)
    assert Agreement(toon=0.86, photo=1.0).covered is None


def test_photos_as_their_own_teacher(album):
    result = evaluate_toons(album, album, References(teacher_toons=album))
    assert result.teacher.color_drift == 0
    assert result.drift_ratio is None
