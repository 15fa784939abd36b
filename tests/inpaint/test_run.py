import dataclasses

import numpy as np
import pytest
import torch
from PIL import Image

from multitoon import MultiToon
from multitoon.errors import UnknownNameError, UsageError
from multitoon.image import to_image, to_photo, to_tensor
from multitoon.inpaint import InpaintOptions, inpaint
from multitoon.inpaint.bank import build_bank
from multitoon.inpaint.baseline import smooth_fill
from tests.conftest import gradient

QUICK = InpaintOptions(steps=2)


@pytest.fixture
def toon(tiny_home) -> MultiToon:
    return MultiToon.from_pretrained()


def holes(width: int = 61, height: int = 47) -> torch.Tensor:
    """Two: one inside, one at the corner."""
    hole = torch.zeros(1, 1, height, width)
    hole[..., 15:29, 20:37] = 1
    hole[..., -6:, -9:] = 1
    return hole


def with_garbage(photo: Image.Image, hole: torch.Tensor, seed: int) -> Image.Image:
    pixels = np.array(photo)
    noise = np.random.default_rng(seed).integers(0, 256, pixels.shape, dtype=np.uint8)
    return Image.fromarray(np.where(hole[0, 0].numpy()[..., None] > 0, noise, pixels))


@pytest.mark.parametrize("style", [None, "hayao"])
def test_garbage_under_the_mask_changes_nothing(toon, style):
    photo = gradient(61, 47)
    first, second = (
        inpaint(with_garbage(photo, holes(), seed), holes(), toon, style=style, options=QUICK)
        for seed in (1, 2)
    )
    assert first.image.tobytes() == second.image.tobytes()
    assert first.losses == second.losses


def test_outside_the_hole_the_photo_is_untouched(toon):
    photo = gradient(61, 47)
    result = inpaint(photo, holes(), toon, options=QUICK)
    outside = holes()[0, 0].numpy() == 0
    assert np.array_equal(np.array(result.image)[outside], np.array(photo)[outside])
    assert result.image.tobytes() == result.filled.tobytes()


def test_same_seed_same_pixels(toon):
    photo, options = gradient(61, 47), InpaintOptions(steps=1, restarts=2, seed=5)
    first, second = (inpaint(photo, holes(), toon, options=options).image.tobytes() for _ in range(2))
    assert first == second


def test_fills_stripes_with_stripes(toon):
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, (np.arange(64) // 4) % 2 == 1] = 200
    hole = torch.zeros(1, 1, 64, 64)
    hole[..., 24:40, 24:40] = 1
    options = InpaintOptions(steps=0, detail=1.0)
    filled = np.array(inpaint(Image.fromarray(stripes), hole, toon, options=options).image).astype(int)
    error = np.abs(filled - stripes)[24:40, 24:40].mean()
    assert error < 25  # a smooth fill is off by 100


def test_detail_0_is_the_smooth_fill_and_more_of_it_is_crisper(toon):
    noise = np.random.default_rng(0).integers(60, 190, (64, 64, 3), np.uint8)
    hole = torch.zeros(1, 1, 64, 64)
    hole[..., 24:40, 24:40] = 1
    contrast = []
    for detail in (0.0, 0.3, 0.8):
        filled = inpaint(Image.fromarray(noise), hole, toon, options=InpaintOptions(detail=detail)).image
        contrast.append(np.array(filled)[26:38, 26:38].std())
    assert contrast[0] < contrast[1] < contrast[2]
    smooth = to_image(smooth_fill(to_tensor(Image.fromarray(noise)), hole))
    plain = inpaint(Image.fromarray(noise), hole, toon, options=InpaintOptions(detail=0)).image
    assert np.abs(np.array(plain).astype(int) - np.array(smooth)).max() <= 1


def test_the_toon_is_that_of_the_filled_photo_and_the_active_style_stays(toon):
    toon.set_adapter("ink")
    result = inpaint(gradient(61, 47), holes(), toon, style="hayao", options=QUICK)
    assert toon.active == {"ink": 1.0}
    toon.set_adapter("hayao")
    assert result.image.tobytes() == toon.stylize(result.filled).tobytes()


def test_nothing_missing_gives_the_photo_back(toon):
    photo = gradient(20, 20)
    result = inpaint(photo, torch.zeros(1, 1, 20, 20), toon)
    assert result.image.tobytes() == photo.tobytes()
    assert result.losses == ()


@pytest.mark.parametrize("size_wh", [(1, 2), (3, 3), (9, 50)])
def test_tiny_photos_with_most_of_them_missing(toon, size_wh):
    hole = torch.ones(1, 1, size_wh[1], size_wh[0])
    hole[..., 0, 0] = 0
    result = inpaint(Image.new("RGB", size_wh, (10, 120, 200)), hole, toon, options=QUICK)
    assert np.abs(np.array(result.image).astype(int) - (10, 120, 200)).max() <= 1


def test_alpha_is_kept(toon):
    image = gradient(61, 47).convert("RGBA")
    image.putalpha(200)
    assert inpaint(image, holes(), toon, options=QUICK).image.getchannel("A").getextrema() == (200, 200)


def test_a_step_that_says_no_ends_the_search(toon):
    seen = []

    def stop(step: int, loss: float, preview: torch.Tensor) -> bool:
        seen.append((step, loss, preview.shape[-2:]))
        return False

    result = inpaint(gradient(61, 47), holes(), toon, on_step=stop)
    assert [step for step, _, _ in seen] == [1] * len(result.losses)
    assert all(len(curve) == 1 for curve in result.losses)


def test_a_time_budget_that_is_over_still_gives_a_whole_picture(toon):
    photo = gradient(61, 47)
    damaged = with_garbage(photo, holes(), 0)
    result = inpaint(damaged, holes(), toon, options=InpaintOptions(time_budget=1e-9))
    inside = holes()[0, 0].numpy() > 0
    error = np.abs(np.array(result.image).astype(int) - np.array(photo))[inside].mean()
    assert error < 40
    assert len(result.losses[0]) == 1


def test_a_bank_fills_what_the_photo_cannot(toon, tmp_path):
    gradient(90, 70).save(tmp_path / "photo.png")
    bank = build_bank(toon.network.backbone, [tmp_path / "photo.png"], count=60)
    hole = torch.ones(1, 1, 24, 24)
    hole[..., :3, :] = 0  # no cell is known with all that it brings
    photo = gradient(24, 24)
    without = inpaint(photo, hole, toon, options=QUICK)
    filled = inpaint(photo, hole, toon, options=dataclasses.replace(QUICK, bank=bank))
    assert without.losses == ((),)
    assert len(filled.losses[0]) > 1
    assert filled.image.tobytes() != without.image.tobytes()


def test_large_windows_are_filled_smaller(toon, monkeypatch):
    monkeypatch.setattr("multitoon.inpaint.run.LARGEST", 40)
    result = inpaint(gradient(61, 47), holes(), toon, options=QUICK)
    assert "filled at 66% and enlarged" in result.notes[0]


def test_says_what_is_wrong(toon):
    photo = to_photo(gradient(20, 10))
    with pytest.raises(UsageError, match=r"hole is \(1, 1, 20, 20\), must be \(1, 1, 10, 20\)"):
        inpaint(photo, torch.zeros(1, 1, 20, 20), toon)
    with pytest.raises(UsageError, match="covers the whole photo"):
        inpaint(photo, torch.ones(1, 1, 10, 20), toon)
    with pytest.raises(UnknownNameError, match="hayou"):
        inpaint(photo, holes(20, 10), toon, style="hayou", options=QUICK)
    with pytest.raises(UsageError, match="time_budget is 0"):
        InpaintOptions(time_budget=0)
    with pytest.raises(UsageError, match="restarts 0"):
        InpaintOptions(restarts=0)
