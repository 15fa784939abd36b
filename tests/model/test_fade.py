"""The photo's chroma that a style leaves behind."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from multitoon.color import rgb_to_yuv
from multitoon.errors import UsageError
from multitoon.model.adapter import Adapter, AdapterConfig
from multitoon.model.backbone import Backbone
from multitoon.model.toon import StyledBackbone
from tests.conftest import TINY, shaken


@torch.no_grad()
def test_what_the_network_adds_stays_and_the_photo_fades() -> None:
    net = StyledBackbone(shaken(Backbone(TINY), 0)).eval()
    plain = shaken(Adapter(net.backbone, AdapterConfig("ink", 2)), 1)
    net.add_adapter("ink", plain)
    x = torch.rand(2, 3, 16, 24, generator=torch.Generator().manual_seed(0)) * 2 - 1
    vivid = rgb_to_yuv(net(x, "ink"))
    plain.config = dataclasses.replace(plain.config, fade=1.0)
    faded = rgb_to_yuv(net(x, "ink"))
    torch.testing.assert_close(faded[:, :1], vivid[:, :1], atol=1e-5, rtol=0)
    torch.testing.assert_close(faded[:, 1:], vivid[:, 1:] - rgb_to_yuv(x)[:, 1:], atol=1e-5, rtol=0)


def test_a_backbone_that_adds_nothing_to_the_photo_has_nothing_to_fade() -> None:
    alone = Backbone(dataclasses.replace(TINY, add_photo=False, output_act="tanh"))
    with pytest.raises(UsageError, match="adds nothing to the photo"):
        Adapter(alone, AdapterConfig("ink", 2, fade=0.5))


@pytest.mark.parametrize("fade", [-0.1, 1.1])
def test_a_share_is_0_to_1(fade: float) -> None:
    with pytest.raises(UsageError, match="fade is"):
        AdapterConfig("ink", fade=fade)
