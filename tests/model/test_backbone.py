"""Presets: the published counts, CartoonGAN's published pictures, geometry."""

from __future__ import annotations

import pytest
import torch

from multitoon.config import load_config
from multitoon.errors import ConfigError, UnknownNameError
from multitoon.model.backbone import Backbone, BackboneConfig, BlockSpec
from multitoon.presets import preset_path
from tests.conftest import TINY


def build(name: str) -> Backbone:
    return Backbone(load_config(BackboneConfig, preset_path(name))).eval()


def test_cartoongan_has_the_published_count() -> None:
    assert build("cartoongan").parameter_count() == 11_129_667


@pytest.mark.parametrize(("name", "count"), [("lwcomicgan", 2_796_416), ("animeganv2", 2_143_552)])
def test_count_is_within_one_percent_of_the_authors(name: str, count: int) -> None:
    assert abs(build(name).parameter_count() / count - 1) <= 0.01


def test_lcgan_fits_the_published_file() -> None:
    tensors = build("lcgan").state_dict().values()
    assert sum(t.numel() * t.element_size() for t in tensors) <= 31 * 2**20


def test_default_is_small_and_free_of_per_picture_statistics() -> None:
    net = build("multitoon")
    assert net.parameter_count() <= 1_000_000
    assert net.tileable
    assert not build("cartoongan").tileable


@pytest.mark.parametrize("name", ["cartoongan", "lwcomicgan", "lcgan", "animeganv2", "multitoon"])
@torch.no_grad()
def test_size_out_is_size_in(name: str) -> None:
    net = build(name)
    height, width = 3 * net.multiple, 5 * net.multiple
    assert net(torch.zeros(2, 3, height, width)).shape == (2, 3, height, width)


@torch.no_grad()
def test_untrained_default_returns_the_photo() -> None:
    x = torch.rand(1, 3, 32, 32) * 2 - 1
    assert torch.equal(build("multitoon")(x), x)


@torch.no_grad()
def test_decode_of_encode_is_forward() -> None:
    net = build("multitoon")
    torch.nn.init.normal_(net.output.conv.weight, std=0.1)
    x = torch.rand(1, 3, 32, 40) * 2 - 1
    latents = net.encode(x)
    assert latents.z.shape == (1, 128, 4, 5)
    assert [tuple(s.shape[1:]) for s in latents.skips] == [(48, 16, 20), (64, 8, 10)]
    assert torch.equal(net.decode(latents), net(x))


@torch.no_grad()
def test_no_pixel_beyond_the_halo_has_a_say() -> None:
    net = build("multitoon")
    torch.nn.init.normal_(net.output.conv.weight, std=0.1)
    size = 8 * (2 * net.halo // 8 + 6)
    x = torch.zeros(1, 3, size, size)
    changed = x.clone()
    changed[..., size // 2, size // 2] = 1
    rows = (net(x) - net(changed)).abs().amax((0, 1, 2)).nonzero().flatten()
    assert size // 2 - net.halo <= rows.min()
    assert rows.max() <= size // 2 + net.halo
    assert rows.max() - rows.min() > net.halo, "the halo is a bound, not a wild guess"


def test_unknown_names_list_what_there_is() -> None:
    with pytest.raises(UnknownNameError, match=r"'cartoongam'; known: animeganv2, cartoongan"):
        preset_path("cartoongam")
    with pytest.raises(UnknownNameError, match="Unknown normalization 'bn'"):
        Backbone(BackboneConfig("x", (BlockSpec("conv", 4),), (), (), norm="bn"))
    with pytest.raises(ConfigError, match="residual: 3 channels come in, out is 8"):
        Backbone(BackboneConfig("x", (BlockSpec("residual", 8),), (), ()))


def test_tiny_config_round_trips() -> None:
    from multitoon.config import from_dict, to_dict

    assert from_dict(BackboneConfig, to_dict(TINY)) == TINY
