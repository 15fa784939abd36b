"""CartoonGAN's published weights in our network, and the cache of its pictures."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from multitoon.data.teacher import SIDE, Pairs, cached_pairs, draw, load_cartoongan
from multitoon.draw_size import DRAW_SIZE
from multitoon.errors import CheckpointError, TrainingError
from multitoon.image import to_pixels
from tests.conftest import gradient

DATA = Path(os.environ.get("MULTITOON_DATA") or "does-not-exist")
STYLES = ("hayao", "paprika", "shinkai")


def published(channels: dict[str, int]) -> dict[str, torch.Tensor]:
    """Random tensors under CartoonGAN's published names and shapes."""
    generator = torch.Generator().manual_seed(0)
    body = [f"conv{i:02d}_{j}" for i in range(4, 12) for j in (1, 2)]
    plan = {"conv01_1": (64, 3, 7), "conv02_1": (128, 64, 3), "conv02_2": (128, 128, 3)}
    plan |= {"conv03_1": (256, 128, 3), "conv03_2": (256, 256, 3)} | dict.fromkeys(body, (256, 256, 3))
    plan |= {"deconv01_1": (256, 128, 3), "deconv01_2": (128, 128, 3), "deconv02_1": (128, 64, 3)}
    plan |= {"deconv02_2": (64, 64, 3), "deconv03_1": (3, 64, 7)}
    tensors = {}
    for key, (a, b, side) in plan.items():
        tensors[f"{key}.weight"] = torch.randn(a, b, side, side, generator=generator) * 0.02
        tensors[f"{key}.bias"] = torch.randn(channels.get(key, a), generator=generator)
    widths = {"in01_1": 64, "in02_1": 128, "in03_1": 256} | {f"in{key[4:]}": 256 for key in body}
    for key, width in (widths | {"in12_1": 128, "in13_1": 64}).items():
        tensors[f"{key}.scale"] = torch.rand(width, generator=generator) + 0.5
        tensors[f"{key}.shift"] = torch.randn(width, generator=generator) * 0.1
    return tensors


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("teacher") / "cartoongan.safetensors"
    save_file(published({"deconv01_1": 128, "deconv02_1": 64}), path)
    return path


def test_every_published_tensor_has_its_place(weights: Path) -> None:
    tensors, net = load_file(weights), load_cartoongan(weights)
    assert sum(t.numel() for t in tensors.values()) == net.parameter_count() == 11_129_667
    units = net.units()
    # Blue comes first in the published network, red in ours.
    assert torch.equal(units["encoder.0"].conv.weight[:, 0], tensors["conv01_1.weight"][:, 2])
    assert torch.equal(units["output"].conv.bias, tensors["deconv03_1.bias"].flip(0))
    assert torch.equal(units["residual.7.second"].conv.weight, tensors["conv11_2.weight"])
    assert torch.equal(units["residual.7.second"].norm.shift, tensors["in11_2.shift"])
    assert torch.equal(units["decoder.2"].conv.weight, tensors["deconv02_1.weight"])
    assert units["decoder.2"].norm is None


def test_other_weights_are_refused(tmp_path: Path) -> None:
    save_file({"a.weight": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(CheckpointError, match="not CartoonGAN's generator"):
        load_cartoongan(tmp_path / "other.safetensors")
    (tmp_path / "text.safetensors").write_text("hello")
    with pytest.raises(CheckpointError, match="not a readable safetensors file"):
        load_cartoongan(tmp_path / "text.safetensors")


@pytest.mark.skipif(not DATA.is_dir(), reason="MULTITOON_DATA names no folder with teachers/")
@pytest.mark.parametrize("style", STYLES)
def test_published_weights_give_the_reference_pictures(style: str, tmp_path: Path) -> None:
    packed = load_file(DATA / f"teachers/cartoongan_{style}_int8.safetensors")
    names = [key for key in packed if f"{key.removesuffix('.scale')}" not in packed or key.count(".") == 1]
    names = [key for key in names if not key.endswith(".weight.scale")]
    save_file(
        {k: packed[k].float() * packed[f"{k}.scale"] if f"{k}.scale" in packed else packed[k] for k in names},
        tmp_path / "fp32.safetensors",
    )
    teacher = load_cartoongan(tmp_path / "fp32.safetensors")
    for photo in sorted((DATA / "teachers/reference").glob("*_????.png")):
        reference = to_pixels(Image.open(photo.with_suffix(f".{style}.png")).convert("RGB"))
        drawn = draw(teacher, to_pixels(Image.open(photo).convert("RGB")))
        assert (drawn.int() - reference.int()).abs().max() <= 2, photo.name


def test_pairs_are_drawn_once_and_squares_depend_on_the_name_alone(tmp_path: Path) -> None:
    photos = []
    for i, (width, height) in enumerate(((300, 280), (400, 200))):
        photos.append(tmp_path / f"photo{i}.png")
        gradient(width, height, seed=i).save(photos[-1])
    drawn = []

    def negative(x: torch.Tensor) -> torch.Tensor:
        drawn.append(x.shape)
        return 255 - x

    def silent(paths: list[Path], title: str):
        return iter(paths)

    first = cached_pairs(photos, "ink", negative, tmp_path / "cache", silent)
    assert first.photos.shape == (2, 3, SIDE, SIDE)
    assert torch.equal(first.toons, 255 - first.photos)
    again = cached_pairs(photos[::-1], "ink", None, tmp_path / "cache", silent)
    assert len(drawn) == 2
    assert again.names == ["photo1", "photo0"]
    assert torch.equal(again.photos.flip(0), first.photos)
    with pytest.raises(TrainingError, match="No pictures of 'oil'"):
        cached_pairs(photos, "oil", None, tmp_path / "cache", silent)


def negatives(cache: Path, size_wh: tuple[int, int], *zooms: float) -> Pairs:
    path = cache / "photo.png"
    cache.mkdir(exist_ok=True)
    gradient(*size_wh).save(path)
    return cached_pairs([path], "ink", lambda x: 255 - x, cache, lambda paths, _: iter(paths), zooms)


def rise(square: torch.Tensor) -> float:
    """How much red there is at the right and not at the left; 255 over a whole picture of `gradient`."""
    return (square[0, :, -1].float().mean() - square[0, :, 0].float().mean()).item()


def test_a_zoom_adds_a_larger_view_of_each_photo_and_leaves_the_first_alone(tmp_path: Path) -> None:
    plain, both = (negatives(tmp_path, (300, 280), *zooms) for zooms in ((1.0,), (1.0, 1.5)))
    assert both.names == ["photo", "photo"]
    assert both.photos.shape == (2, 3, SIDE, SIDE)
    assert torch.equal(both.photos[:1], plain.photos)
    assert torch.equal(both.toons, 255 - both.photos)
    assert [rise(square) for square in both.photos] == pytest.approx(
        [255 * 256 / 300, 255 * 256 / 450], rel=0.1
    )


def test_squares_of_a_large_photo_show_it_as_toons_of_it_are_drawn(tmp_path: Path) -> None:
    pairs = negatives(tmp_path, (1200, 1000), 1.0)
    assert rise(pairs.photos[0]) == pytest.approx(255 * SIDE / (1200 * DRAW_SIZE / 1000), rel=0.1)
