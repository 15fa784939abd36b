"""Laws 1 to 3: merging is exact, mixing is linear, a batch equals its pictures."""

from __future__ import annotations

import dataclasses

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from multitoon.model.adapter import Adapter, AdapterConfig
from multitoon.model.backbone import Backbone, BackboneConfig, BlockSpec
from multitoon.model.merge import merge
from multitoon.model.toon import StyledBackbone
from tests.conftest import TINY, shaken

ALL_BLOCKS = BackboneConfig(
    name="all-blocks",
    encoder=(
        BlockSpec("conv", 6, kernel=7),
        BlockSpec("dsconv", 6, kernel=5),
        BlockSpec("ds_down", 8),
        BlockSpec("down", 8, bare=True),
    ),
    residual=(BlockSpec("irb", 8), BlockSpec("residual", 8)),
    decoder=(BlockSpec("deconv", 8), BlockSpec("ds_up", 6), BlockSpec("up", 6), BlockSpec("down", 4)),
    output_kernel=7,
)
TOLERANCE = 1e-4  # law 1, fp32


def styled(config: BackboneConfig, form: str, seed: int = 0) -> StyledBackbone:
    torch.manual_seed(seed)
    net = StyledBackbone(shaken(Backbone(config), seed)).eval()
    for i, style in enumerate(("a", "b")):
        fade = 0.4 + 0.5 * i if config.add_photo else 0.0
        plan = AdapterConfig(style, 2, form, 0.8 - 0.5 * i, fade)
        net.add_adapter(style, shaken(Adapter(net.backbone, plan), seed + i + 1))
    return net.eval()


def photo(height: int, width: int, batch: int = 2) -> torch.Tensor:
    return torch.rand(batch, 3, height, width, generator=torch.Generator().manual_seed(height)) * 2 - 1


@pytest.mark.parametrize("norm", ["pbn", "in", "ln", "lin-choice", "lin-gate", "none"])
@pytest.mark.parametrize("padding", ["zeros", "reflect", "replicate"])
@pytest.mark.parametrize("form", ["parallel", "series"])
@torch.no_grad()
def test_merged_equals_unmerged_borders_included(norm: str, padding: str, form: str) -> None:
    net = styled(dataclasses.replace(ALL_BLOCKS, norm=norm, padding=padding), form)
    x, mix = photo(24, 32), {"a": 0.7, "b": 0.6}
    difference = (net.merged(mix)(x) - net(x, mix)).abs()
    border = torch.ones(24, 32, dtype=torch.bool)
    border[2:-2, 2:-2] = False
    assert net(x, mix).std() > 0.05, "a network that draws one gray proves nothing"
    assert difference[..., border].max() <= TOLERANCE
    assert difference.max() <= TOLERANCE


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    weights=st.tuples(st.floats(0, 1.5), st.floats(0, 1.5)),
    size=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    form=st.sampled_from(["parallel", "series"]),
)
@torch.no_grad()
def test_merged_equals_unmerged_for_random_weights(seed, weights, size, form) -> None:
    net = styled(TINY, form, seed)
    x, mix = photo(*(4 * side for side in size)), dict(zip("ab", weights, strict=True))
    expected = net(x, mix)
    assert (net.merged(mix)(x) - expected).abs().max() <= TOLERANCE * max(1.0, float(expected.abs().max()))


@pytest.mark.parametrize("norm", ["pbn", "lin-gate"])
@torch.no_grad()
def test_strength_zero_is_the_backbone_and_one_the_adapter(norm: str) -> None:
    net = styled(dataclasses.replace(TINY, norm=norm), "parallel")
    x = photo(16, 20)
    assert torch.equal(net(x, {"a": 0.0}), net(x))
    assert (net(x, {"a": 1.0, "b": 0.0}) - net(x, "a")).abs().max() <= TOLERANCE
    assert (net(x, "a") - net(x)).abs().max() > 0.1


@torch.no_grad()
def test_mixing_is_linear_in_the_weights_and_has_no_order() -> None:
    net = styled(TINY, "parallel")
    base = merge(net.backbone).state_dict()
    a, b = net.merged("a").state_dict(), net.merged("b").state_dict()
    mixed = net.merged({"a": 0.3, "b": 1.2}).state_dict()
    for key, value in base.items():
        expected = value + 0.3 * (a[key] - value) + 1.2 * (b[key] - value)
        torch.testing.assert_close(mixed[key], expected, atol=1e-5, rtol=1e-5)
    for key, value in net.merged({"b": 1.2, "a": 0.3}).state_dict().items():
        torch.testing.assert_close(value, mixed[key], atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("norm", ["pbn", "in", "lin-gate"])
@torch.no_grad()
def test_a_style_per_picture_equals_the_pictures_one_by_one(norm: str) -> None:
    net = styled(dataclasses.replace(TINY, norm=norm), "parallel")
    x, styles = photo(16, 24, batch=4), ["b", None, {"a": 0.5, "b": 0.7}, "a"]
    together = net(x, styles)
    for i, style in enumerate(styles):
        torch.testing.assert_close(together[i : i + 1], net(x[i : i + 1], style), atol=1e-5, rtol=1e-5)


@torch.no_grad()
def test_a_region_far_from_the_mask_s_border_is_the_style_alone() -> None:
    net = styled(TINY, "parallel")
    x = photo(64, 160, batch=1)
    mask = torch.zeros(1, 1, 64, 160)
    mask[..., 80:] = 1
    toon = net(x, {"a": 1 - mask, "b": mask})
    reach = net.backbone.halo
    torch.testing.assert_close(toon[..., : 80 - reach], net(x, "a")[..., : 80 - reach], atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(toon[..., 80 + reach :], net(x, "b")[..., 80 + reach :], atol=1e-5, rtol=1e-5)


@torch.no_grad()
def test_a_new_adapter_changes_nothing() -> None:
    net = StyledBackbone(shaken(Backbone(TINY), 3)).eval()
    net.add_adapter("new", Adapter(net.backbone, AdapterConfig("new", 4)))
    x = photo(16, 16)
    torch.testing.assert_close(net.eval()(x, "new"), net(x), atol=1e-6, rtol=0)
