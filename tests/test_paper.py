"""The paper under a toon."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from multitoon import MultiToon
from multitoon.checkpoint import save_adapter
from multitoon.draw_size import DRAW_SIZE
from multitoon.errors import UsageError
from multitoon.model.adapter import Adapter, AdapterConfig
from multitoon.paper import SHEET, STRIP, on_paper, sheet
from tests.conftest import gradient, shaken

GRAIN = 0.05


@pytest.fixture
def toon(tiny_home: Path, tmp_path: Path) -> MultiToon:
    """With `smooth` and `rough`, equal but for the paper."""
    loaded = MultiToon.from_pretrained(tiny_home)
    adapter = shaken(Adapter(loaded.network.backbone, AdapterConfig("smooth", 2)), 7)
    for style, paper in (("smooth", 0.0), ("rough", GRAIN)):
        adapter.config = AdapterConfig(style, 2, paper=paper)
        save_adapter(adapter, tmp_path / style, loaded.network.backbone)
        loaded.load_adapter(tmp_path / style)
    return loaded


def difference(a: Image.Image, b: Image.Image) -> np.ndarray:
    return np.asarray(a, np.float64) - np.asarray(b, np.float64)


@pytest.mark.parametrize("scale", [1.0, 2.6])
def test_a_sheet_neither_brightens_nor_darkens_and_tiles(scale: float) -> None:
    texture = sheet(scale)
    assert texture.shape == (round(SHEET * scale),) * 2
    assert abs(texture.mean()) < 0.01
    assert texture.std() == pytest.approx(1)
    inside = np.square(texture[1:] - texture[:-1]).mean()
    assert np.square(texture[0] - texture[-1]).mean() < 1.5 * inside


def test_no_grain_changes_nothing(photo_file: Path) -> None:
    photo = gradient(40, 30)
    assert on_paper(photo, 0.0) is photo


@pytest.mark.parametrize("side", [DRAW_SIZE // 2, 2 * DRAW_SIZE + 1])
def test_the_grain_is_as_strong_as_it_says_and_gray(side: int) -> None:
    gray = Image.new("RGB", (side, side + STRIP), (128, 128, 128))
    change = difference(on_paper(gray, GRAIN), gray)
    assert change.std() == pytest.approx(127.5 * GRAIN, rel=0.1)
    assert np.ptp(change, axis=2).max() == 0


def test_strips_show_no_seam() -> None:
    gray = Image.new("RGB", (64, 2 * STRIP), (128, 128, 128))
    rows = difference(on_paper(gray, GRAIN), gray)[..., 0]
    steps = np.square(rows[1:] - rows[:-1]).mean(1)
    assert steps[STRIP - 1] < 2 * steps.mean()


def test_a_map_says_where_the_paper_is() -> None:
    gray = Image.new("RGB", (64, 48), (128, 128, 128))
    left = np.zeros((48, 64))
    left[:, :32] = GRAIN
    change = np.abs(difference(on_paper(gray, left), gray))
    assert change[:, :31].mean() > 2
    assert change[:, 33:].max() == 0


def test_a_style_brings_its_paper(toon: MultiToon) -> None:
    photo = gradient(70, 50)
    toon.set_adapter("smooth")
    smooth = toon.stylize(photo)
    toon.set_adapter("rough")
    assert toon.stylize(photo).tobytes() == on_paper(smooth, GRAIN).tobytes()
    assert toon.stylize(photo, paper=False).tobytes() == smooth.tobytes()
    (batched,) = toon.stylize_batch([photo], ["rough"])
    assert np.abs(difference(batched, toon.stylize(photo))).max() <= 1
    (batched,) = toon.stylize_batch([photo], ["rough"], paper=False)
    assert np.abs(difference(batched, smooth)).max() <= 1


def test_a_mix_brings_its_share(toon: MultiToon) -> None:
    photo = gradient(70, 50)
    toon.set_adapter("smooth")
    smooth = toon.stylize(photo)
    toon.set_adapter({"smooth": 0.5, "rough": 0.5})
    assert np.abs(difference(toon.stylize(photo), on_paper(smooth, GRAIN / 2))).max() <= 1


def test_regions_bring_their_own(toon: MultiToon) -> None:
    photo, mask = gradient(64, 48), Image.new("L", (64, 48))
    mask.paste(255, (0, 0, 32, 48))
    toon.set_adapter("smooth")
    smooth = toon.stylize(photo)
    change = np.abs(difference(toon.stylize(photo, regions={"rough": mask}), smooth))
    assert change[:, :31].mean() > 2
    assert change[:, 33:].max() <= 1


def test_a_paper_out_of_range_is_refused() -> None:
    with pytest.raises(UsageError, match="paper is"):
        AdapterConfig("ink", paper=0.5)
