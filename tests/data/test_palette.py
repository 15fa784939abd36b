"""The light that is measured between photos and pictures."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from multitoon.data.light import LightConfig, lit
from multitoon.data.palette import MOST_PICTURES, THUMBNAIL, measured_light, thumbnails


@pytest.fixture
def photos() -> torch.Tensor:
    """Rather gray pictures, so that no light pushes them out of RGB: (8, 3, 16, 16)."""
    seeded = torch.Generator().manual_seed(0)
    gray = 1.6 * torch.rand(8, 1, 16, 16, generator=seeded) - 0.8
    return (gray + 0.1 * torch.randn(8, 3, 16, 16, generator=seeded)).clamp(-1, 1)


def test_of_the_same_pictures_it_changes_nothing(photos: torch.Tensor) -> None:
    light = measured_light(photos, photos)
    assert (lit(photos, light) - photos).abs().max() < 0.02


@pytest.mark.parametrize(
    "light",
    [
        LightConfig(gamma=0.7, saturation=1.4),
        LightConfig(contrast=0.25, saturation=0.5, shadow_tint=(0.05, -0.02), light_tint=(-0.06, 0.08)),
    ],
)
def test_a_known_light_is_found(photos: torch.Tensor, light: LightConfig) -> None:
    found = dataclasses.asdict(measured_light(photos, lit(photos, light)))
    for name, value in dataclasses.asdict(light).items():
        assert found[name] == pytest.approx(value, abs=0.04), name


def test_the_pictures_need_not_be_of_the_same_places(photos: torch.Tensor) -> None:
    light = LightConfig(saturation=0.3, light_tint=(-0.08, 0.1))
    found = measured_light(photos[:4], lit(photos[4:], light))
    assert found.saturation == pytest.approx(0.3, abs=0.03)
    assert found.light_tint == pytest.approx((-0.08, 0.1), abs=0.03)


def test_the_color_of_a_handful_of_photos_is_not_taken_away(photos: torch.Tensor) -> None:
    orange = lit(photos, LightConfig(light_tint=(-0.1, 0.2)))
    few, many = (measured_light(orange.repeat(times, 1, 1, 1), photos) for times in (1, 64))
    assert few.light_tint[1] == pytest.approx(-0.2 * 8 / 40, abs=0.02)
    assert many.light_tint[1] == pytest.approx(-0.2, abs=0.02)


def test_gray_photos_are_not_blown_up_to_colors() -> None:
    gray = torch.linspace(-1, 1, 64).view(1, 1, 8, 8).expand(1, 3, 8, 8)
    light = measured_light(gray, torch.rand(2, 3, 8, 8) * 2 - 1)
    assert light.saturation <= 2
    assert all(map(torch.isfinite, map(torch.tensor, light.light_tint)))


def test_thumbnails_are_spread_over_all_pictures() -> None:
    many = torch.linspace(0, 255, 2 * MOST_PICTURES + 1).to(torch.uint8).view(-1, 1, 1, 1)
    small = thumbnails(many.expand(-1, 3, 80, 70))
    assert len(small) <= MOST_PICTURES
    assert small.shape[1:] == (3, THUMBNAIL, THUMBNAIL)
    assert small[0].mean() == -1
    assert small[-1].mean() > 0.95
