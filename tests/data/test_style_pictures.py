"""Pictures of a style: read when asked for, cut and varied, a function of the generator alone."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from multitoon.data.sampler import step_generator
from multitoon.data.style_pictures import StyleCropConfig, StylePictures, style_crops
from multitoon.errors import ImageReadError, TrainingError
from tests.conftest import gradient

PLAIN = StyleCropConfig(border=0, smallest=1, largest=1, brightness=0, contrast=0, saturation=0)


@pytest.fixture
def pictures(tmp_path: Path) -> StylePictures:
    for i, size in enumerate(((60, 80), (100, 50), (20, 20))):
        gradient(*size, seed=i).save(tmp_path / f"{i}.png")
    return StylePictures(sorted(tmp_path.iterdir()), side=40)


def test_the_short_side_is_brought_down_and_never_up(pictures: StylePictures) -> None:
    assert [tuple(pictures[i].shape) for i in range(3)] == [(3, 53, 40), (3, 40, 80), (3, 20, 20)]


def test_files_are_read_when_they_are_asked_for(tmp_path: Path) -> None:
    gradient(30, 30).save(tmp_path / "good.png")
    (tmp_path / "bad.png").write_bytes(b"no picture")
    pictures = StylePictures([tmp_path / "good.png", tmp_path / "bad.png"], side=24)
    first = pictures[0]
    assert pictures[0] is first, "and kept"
    with pytest.raises(ImageReadError, match=r"bad\.png"):
        pictures[1]


def test_only_so_many_are_kept(pictures: StylePictures, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("multitoon.data.style_pictures.KEPT", 2)
    first = pictures[0]
    pictures[1], pictures[0], pictures[2]
    assert pictures[0] is first, "the one that was used last stays"
    assert len(pictures._decoded) == 2


def test_crops_follow_the_generator(pictures: StylePictures) -> None:
    config = StyleCropConfig()
    first, second = (style_crops(pictures, 6, 16, config, step_generator(0, 3)) for _ in range(2))
    assert first.shape == (6, 3, 16, 16)
    assert first.abs().max() <= 1
    assert torch.equal(first, second)
    assert not torch.equal(first, style_crops(pictures, 6, 16, config, step_generator(0, 4)))


def test_without_variation_a_crop_is_cut_from_the_picture(tmp_path: Path) -> None:
    gradient(30, 24).save(tmp_path / "a.png")
    pictures = StylePictures([tmp_path / "a.png"], side=24)
    whole = pictures[0].float() / 127.5 - 1
    for crop in style_crops(pictures, 4, 12, PLAIN, step_generator(0, 0)):
        windows = whole.unfold(1, 12, 1).unfold(2, 12, 1).permute(1, 2, 0, 3, 4)
        mirrored = windows.flip(-1)
        nearest = min((w - crop).abs().amax((2, 3, 4)).min().item() for w in (windows, mirrored))
        assert nearest < 1e-5


def test_a_picture_smaller_than_the_crop_is_enlarged(pictures: StylePictures) -> None:
    small = StylePictures(pictures.files[2:], side=40)
    assert style_crops(small, 2, 32, PLAIN, step_generator(0, 0)).shape == (2, 3, 32, 32)


def test_no_files_are_said() -> None:
    with pytest.raises(TrainingError, match="no pictures of the style"):
        StylePictures([])
