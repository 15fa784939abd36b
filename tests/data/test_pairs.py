import dataclasses
from pathlib import Path

import pytest
import torch

from multitoon.data import pairs
from multitoon.data.pairs import abstraction_pairs, cached_abstraction, config_hash
from multitoon.errors import ImageReadError
from multitoon.filters.abstraction import AbstractionConfig, abstract
from multitoon.image import float_to_pixels, is_toon, to_tensor
from tests.conftest import gradient


@pytest.fixture
def album(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "album" / name for name in ("a.png", "b.png")]
    paths[0].parent.mkdir()
    gradient(40, 30, seed=1).save(paths[0])
    gradient(24, 32, seed=2).save(paths[1])
    return paths


def test_pairs_are_photos_and_their_abstractions(album: list[Path], tmp_path: Path) -> None:
    (photo, toon), (other, _) = abstraction_pairs(album, tmp_path / "cache")
    assert (photo.shape, other.shape, toon.dtype) == ((3, 30, 40), (3, 32, 24), torch.uint8)
    assert torch.equal(toon, float_to_pixels(abstract(to_tensor(gradient(40, 30, seed=1))))[0])


def test_nothing_is_drawn_twice(album: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = list(abstraction_pairs(album, tmp_path / "cache"))
    monkeypatch.delattr(pairs, "abstract")
    renamed = album[0].rename(album[0].with_name("c.png"))
    second = list(abstraction_pairs([renamed, album[1]], tmp_path / "cache"))
    for before, after in zip(first, second, strict=True):
        assert all(torch.equal(x, y) for x, y in zip(before, after, strict=True))


def test_another_photo_or_config_is_another_file(tmp_path: Path) -> None:
    photo, few = gradient(20, 20), AbstractionConfig(levels=3)
    for config in (AbstractionConfig(), few):
        cached_abstraction(photo, tmp_path, config)
        cached_abstraction(gradient(20, 20, seed=5), tmp_path, config)
    files = sorted(tmp_path.rglob("*"))
    assert len([path for path in files if path.is_file()]) == 4
    assert {path.name for path in tmp_path.iterdir()} == {config_hash(AbstractionConfig()), config_hash(few)}
    assert all(is_toon(path) for path in files if path.is_file())


def test_every_parameter_counts() -> None:
    default = AbstractionConfig()
    hashes = {
        config_hash(dataclasses.replace(default, **{field.name: getattr(default, field.name) + 1}))
        for field in dataclasses.fields(default)
    }
    assert len(hashes | {config_hash(default)}) == len(dataclasses.fields(default)) + 1


def test_a_drawing_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pairs, "abstract", interrupted)
    with pytest.raises(KeyboardInterrupt):
        cached_abstraction(gradient(20, 20), tmp_path)
    assert not list(tmp_path.rglob("*.png"))


def test_large_photos_are_scaled(album: list[Path], tmp_path: Path) -> None:
    ((photo, toon),) = abstraction_pairs(album[:1], tmp_path / "cache", max_size=20)
    assert photo.shape == toon.shape == (3, 15, 20)


def test_bad_photo(tmp_path: Path) -> None:
    (tmp_path / "empty.png").write_bytes(b"")
    with pytest.raises(ImageReadError, match=r"empty\.png is empty"):
        next(abstraction_pairs([tmp_path / "empty.png"], tmp_path))
