"""What a run learns from."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image

pytest.importorskip("datasets")

from multitoon.color import rgb_to_yuv
from multitoon.data.target import TargetConfig
from multitoon.errors import ConfigError, TrainingError
from multitoon.image import pixels_to_float
from multitoon.train.config import Phase, StyleTask, TrainConfig
from multitoon.train.pairs import Sources, list_pictures, load_tasks
from tests.conftest import gradient

CONFIG = TrainConfig((StyleTask("mine", "abstraction", TargetConfig(), measured_light=True),), (Phase(1),))


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    photos, paintings = tmp_path / "photos", tmp_path / "paintings"
    photos.mkdir()
    paintings.mkdir()
    for i in range(4):
        gradient(260, 258, seed=i).save(photos / f"{i}.png")
        gray = gradient(80, 64, seed=i).convert("L")
        sepia = Image.merge("RGB", [gray.point(lambda v, by=by: v * by) for by in (1, 0.9, 0.7)])
        sepia.save(paintings / f"{i}.png")
    return Sources(photos, tmp_path / "cache", style_images={"mine": paintings})


def test_targets_take_the_colors_of_the_pictures(sources: Sources) -> None:
    measured, (task,), held_out = load_tasks(CONFIG, sources)
    targets = torch.cat([task.targets, held_out.targets])
    paintings = torch.cat([pixels_to_float(task.pictures[i][None]) for i in range(len(task.pictures))])
    want, have = (rgb_to_yuv(x).mean((0, 2, 3)) for x in (paintings, pixels_to_float(targets)))
    photos = rgb_to_yuv(pixels_to_float(torch.cat([task.photos, held_out.photos]))).mean((0, 2, 3))
    assert (have - want).norm() < 0.3 * (photos - want).norm()
    assert measured.tasks[0].fade == pytest.approx(1 - measured.tasks[0].target.light.saturation)
    assert measured.tasks[0].fade > 0.5, "sepia leaves little of a photo's colors"


def test_a_light_that_cannot_be_measured_is_said(sources: Sources) -> None:
    with pytest.raises(TrainingError, match="no pictures of it"):
        load_tasks(CONFIG, Sources(sources.photos, sources.cache))


def test_a_photo_is_held_out_at_every_zoom_or_at_none(sources: Sources) -> None:
    for i, path in enumerate(list_pictures(sources.photos)):
        Image.new("RGB", (260, 258), (60 * i, 0, 0)).save(path)
    config = TrainConfig((StyleTask("photo", target=None),), (Phase(1),), zooms=(1.0, 1.5))
    _, (task,), held_out = load_tasks(config, sources)
    reds = [[int(photo[0, 0, 0]) for photo in side] for side in (held_out.photos, task.photos)]
    assert reds == [[0, 0, 120, 120], [60, 60, 180, 180]]


@pytest.mark.parametrize("zooms", [(), (0.5,), (1.0, 5.0)])
def test_zooms_out_of_range_are_refused(zooms: tuple[float, ...]) -> None:
    with pytest.raises(ConfigError, match="zooms"):
        TrainConfig(CONFIG.tasks, CONFIG.phases, zooms=zooms)
