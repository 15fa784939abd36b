import numpy as np
import pytest
from PIL import Image, ImageEnhance

from multitoon.data.fingerprint import fingerprint, groups, same_pairs


def scene(seed: int, width: int = 96, height: int = 64) -> Image.Image:
    """Smooth patches of color, unlike those of any other seed."""
    small = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), np.uint8)
    return Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)


@pytest.mark.parametrize(
    "copy",
    [
        lambda image: image.resize((41, 27), Image.Resampling.LANCZOS),
        lambda image: ImageEnhance.Brightness(image).enhance(0.7),
        lambda image: ImageEnhance.Contrast(image).enhance(0.5),
        lambda image: image.convert("L"),
        lambda image: image.crop((1, 1, 95, 63)),
    ],
    ids=["smaller", "darker", "paler", "gray", "cropped"],
)
def test_copies_are_the_same(copy):
    assert all(fingerprint(scene(seed)).same(fingerprint(copy(scene(seed)))) for seed in range(10))


def test_unlike_pictures_are_not():
    assert same_pairs([fingerprint(scene(seed)) for seed in range(60)]) == []


def test_same_pairs_in_blocks_are_those_one_by_one(monkeypatch):
    prints = [fingerprint(scene(seed % 7)) for seed in range(20)]
    monkeypatch.setattr("multitoon.data.fingerprint.ROWS", 3)
    expected = [(i, j) for i in range(20) for j in range(i + 1, 20) if prints[i].same(prints[j])]
    assert same_pairs(prints) == expected
    assert (0, 7) in expected


def test_blank_is_the_same_as_nothing():
    blank = fingerprint(Image.new("RGB", (9, 9), "gray"))
    assert blank.blank
    assert not blank.same(blank)
    assert not fingerprint(scene(0)).blank


def test_groups_follow_chains():
    assert groups(6, [(0, 3), (3, 5), (1, 2)]) == [[0, 3, 5], [1, 2]]
    assert groups(3, []) == []
