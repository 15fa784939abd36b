"""A network whose instance norms have the statistics of a mean picture."""

from __future__ import annotations

import copy

import pytest
import torch

from hub.static_teacher import make_static
from multitoon.model.backbone import Backbone, BackboneConfig, BlockSpec


@pytest.fixture
def network() -> Backbone:
    torch.manual_seed(0)
    config = BackboneConfig(
        "small",
        encoder=(BlockSpec("conv", 6), BlockSpec("down", 8)),
        residual=(BlockSpec("residual", 8),),
        decoder=(BlockSpec("up", 6),),
        norm="in",
    )
    return Backbone(config).eval()


def photo(seed: int) -> torch.Tensor:
    return torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(seed)) * 2 - 1


@torch.inference_mode()
def test_with_the_statistics_of_one_photo_it_draws_that_photo_as_before(network: Backbone) -> None:
    static = copy.deepcopy(network)
    make_static(static, [photo(1)])
    torch.testing.assert_close(static(photo(1)), network(photo(1)), atol=1e-5, rtol=0)
    assert (static(0.2 * photo(2)) - network(0.2 * photo(2))).abs().mean() > 0.05


@torch.inference_mode()
def test_what_is_far_away_has_no_say_any_more(network: Backbone) -> None:
    near, far = photo(3), photo(3)
    far[..., 24:] = 1.0
    assert not torch.equal(network(near)[..., :8], network(far)[..., :8])
    make_static(network, [photo(1), photo(2)])
    torch.testing.assert_close(network(near)[..., :8], network(far)[..., :8])
