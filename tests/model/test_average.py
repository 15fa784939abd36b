"""A mean of adapters draws what their mix draws."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from multitoon.errors import UsageError
from multitoon.model.adapter import Adapter, AdapterConfig
from multitoon.model.average import average
from multitoon.model.backbone import Backbone
from multitoon.model.toon import StyledBackbone
from tests.conftest import TINY, shaken


def styled(norm: str, form: str = "parallel", rank: int = 64) -> StyledBackbone:
    """With styles a and b. At this rank a branch can be any matrix, so nothing is cut."""
    net = StyledBackbone(shaken(Backbone(dataclasses.replace(TINY, norm=norm)), 1)).eval()
    for seed, name in ((2, "a"), (3, "b")):
        config = AdapterConfig(name, rank, form, shades=0.2 * seed, fade=0.3 * seed, paper=0.01 * seed)
        net.add_adapter(name, shaken(Adapter(net.backbone, config), seed))
    return net.eval()


@pytest.mark.parametrize("norm", ["pbn", "none"])
@pytest.mark.parametrize("form", ["parallel", "series"])
def test_it_draws_what_the_mix_draws(norm: str, form: str) -> None:
    net = styled(norm, form)
    mean = average({net.adapters["a"]: 0.3, net.adapters["b"]: 0.7})
    net.add_adapter("mean", mean)
    x = torch.rand(1, 3, 32, 32) * 2 - 1
    with torch.no_grad():
        assert torch.allclose(net(x, "mean"), net(x, {"a": 0.3, "b": 0.7}), atol=1e-4)
    assert mean.config.paper == pytest.approx(0.027)


def test_of_an_adapter_with_itself_it_is_the_same() -> None:
    net = styled("pbn", rank=2)
    twice = {net.adapters["a"]: 0.5, shaken(Adapter(net.backbone, AdapterConfig("c", 2)), 9): 0.5}
    own = list(twice)
    own[1].load_state_dict(own[0].state_dict())
    own[1].config = own[0].config
    net.add_adapter("mean", average(twice))
    x = torch.rand(1, 3, 32, 32) * 2 - 1
    with torch.no_grad():
        assert torch.allclose(net(x, "mean"), net(x, "a"), atol=1e-4)


def test_what_does_not_average_is_said() -> None:
    net = styled("pbn")
    a, b = net.adapters["a"], net.adapters["b"]
    with pytest.raises(UsageError, match="must sum to 1"):
        average({a: 0.5, b: 0.6})
    with pytest.raises(UsageError, match="rank or form"):
        average({a: 0.5, Adapter(net.backbone, AdapterConfig("c", 2)): 0.5})
    net = styled("in")
    with pytest.raises(UsageError, match="do not average"):
        average({net.adapters["a"]: 0.5, net.adapters["b"]: 0.5})
