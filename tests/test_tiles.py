import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from multitoon.config import load_config
from multitoon.errors import UsageError
from multitoon.model.backbone import Backbone, BackboneConfig
from multitoon.presets import preset_path
from multitoon.tiles import apply_tiled, spans
from tests.conftest import shaken


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed)) * 2 - 1


@pytest.fixture(scope="module")
def network() -> nn.Module:
    """Multiple 4; the receptive field's radius is 1 + 2 + 4 + 4 + 2 + 1 = 14, below the halo of 16."""
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, 1, 1),
        nn.ReLU(),
        nn.Conv2d(8, 8, 3, 2, 1),
        nn.ReLU(),
        nn.Conv2d(8, 8, 3, 2, 1),
        nn.ReLU(),
        nn.Conv2d(8, 8, 3, 1, 1),
        nn.Upsample(scale_factor=2.0),
        nn.Conv2d(8, 8, 3, 1, 1),
        nn.Upsample(scale_factor=2.0),
        nn.Conv2d(8, 3, 3, 1, 1),
    ).eval()


@settings(max_examples=25, deadline=None)
@given(
    height=st.integers(1, 150),
    width=st.integers(1, 150),
    tile=st.integers(1, 64),
    border=st.sampled_from([0, 5, 16]),
)
def test_tiled_equals_whole(network, height, width, tile, border):
    x = noise(1, 3, height, width)
    with torch.inference_mode():
        whole = apply_tiled(network, x, tile=None, halo=0, multiple=4, border=border)
        tiled = apply_tiled(network, x, tile=tile, halo=16, multiple=4, border=border)
    assert tiled.shape == x.shape
    assert (tiled - whole).abs().max() < 1e-5


def test_too_small_a_halo_shows():
    """The test above can fail: with no halo, the seams are far above its tolerance."""
    torch.manual_seed(0)
    conv = nn.Conv2d(3, 3, 5, 1, 2)
    x = noise(1, 3, 64, 64)
    with torch.inference_mode():
        whole = apply_tiled(conv, x, tile=None, halo=0)
        assert (apply_tiled(conv, x, tile=32, halo=0) - whole).abs().max() > 0.01
        assert (apply_tiled(conv, x, tile=32, halo=2) - whole).abs().max() < 1e-5


def test_whole_is_the_mirrored_picture(network):
    x = noise(2, 3, 41, 30)
    padded = np.pad(x.numpy(), ((0, 0), (0, 0), (8, 11), (8, 10)), mode="reflect")  # to 60 x 48
    with torch.inference_mode():
        expected = network(torch.from_numpy(padded))[:, :, 8:49, 8:38]
        assert (apply_tiled(network, x, tile=None, halo=16, multiple=4) - expected).abs().max() < 1e-5


def test_no_padding_where_none_is_needed(network):
    x = noise(1, 3, 32, 48)
    with torch.inference_mode():
        assert torch.equal(apply_tiled(network, x, tile=64, halo=16, multiple=4, border=0), network(x))


def test_windows_are_multiples_and_bounded():
    seen = []

    def network(window: torch.Tensor) -> torch.Tensor:
        seen.append(window.shape[-2:])
        return window

    x = noise(1, 3, 333, 257)
    assert torch.equal(apply_tiled(network, x, tile=100, halo=10, multiple=8), x)
    assert all(side % 8 == 0 and side <= 96 + 2 * 16 for shape in seen for side in shape)


@pytest.mark.parametrize("preset", ["multitoon"])
def test_halo_of_the_preset_is_wide_enough(preset):
    backbone = shaken(Backbone(load_config(BackboneConfig, preset_path(preset))).eval(), 0)
    x = noise(1, 3, 160, 420)
    options = {"halo": backbone.halo, "multiple": backbone.multiple}
    with torch.inference_mode():
        whole = apply_tiled(backbone, x, tile=None, **options)
        tiled = apply_tiled(backbone, x, tile=160, **options)
    assert (tiled - whole).abs().max() < 1e-5 * whole.abs().max()


def test_dtype_and_channels_follow_the_network():
    x = torch.arange(5 * 7 * 4, dtype=torch.uint8).view(1, 4, 5, 7)
    y = apply_tiled(lambda window: window[:, :3], x, tile=4, halo=2, multiple=2)
    assert y.dtype == torch.uint8
    assert torch.equal(y, x[:, :3])


def test_spans_cover_once():
    for size in (1, 7, 64, 65, 1000):
        for tile in (1, 8, 60, 64):
            pieces = spans(size, tile, 8)
            assert [i for start, stop in pieces for i in range(start, stop)] == list(range(size))
            assert all(start % 8 == 0 and stop - start <= max(8, tile) for start, stop in pieces)


@pytest.mark.parametrize(
    ("shape", "options", "message"),
    [
        ((3, 8, 8), {}, r"x has shape \(3, 8, 8\), must be \(B, C, H, W\)"),
        ((1, 3, 0, 8), {}, "at least one pixel"),
        ((1, 3, 8, 8), {"tile": 0}, "tile is 0, must be at least 1"),
        ((1, 3, 8, 8), {"multiple": 0}, "multiple is 0"),
        ((1, 3, 8, 8), {"halo": -1}, "halo -1"),
    ],
)
def test_error_text(shape, options, message):
    with pytest.raises(UsageError, match=message):
        apply_tiled(lambda w: w, torch.zeros(shape), **({"tile": 8, "halo": 2} | options))
