import numpy as np
import pytest
import torch
from PIL import Image

from multitoon.checkpoint import load_adapter
from multitoon.demo.live import LiveMix
from multitoon.image import to_photo
from multitoon.model.adapter import Adapter, AdapterConfig
from multitoon.model.backbone import Backbone, BackboneConfig, BlockSpec
from multitoon.model.toon import StyledBackbone
from multitoon.stylize import MultiToon
from tests.conftest import gradient, shaken

PHOTO = to_photo(gradient(41, 27))


@pytest.fixture
def toon(tiny_home):
    toon = MultiToon.from_pretrained()
    toon.set_adapter({"hayao": 1.0, "ink": 1.0})
    return toon


def far(a: Image.Image, b: Image.Image) -> int:
    return int(np.abs(np.asarray(a).astype(int) - np.asarray(b)).max())


@pytest.mark.parametrize("preserve_color", [False, True])
def test_every_step_is_the_merged_network_within_rounding(toon, preserve_color):
    live = LiveMix(toon.network)
    for step in range(5):
        mix = {"hayao": 0.3 * step + 0.1, "ink": 1.5 - 0.3 * step}
        toon.set_adapter(mix)
        wanted = toon.stylize(PHOTO, preserve_color=preserve_color)
        assert far(live.draw(PHOTO, mix, preserve_color), wanted) <= 1


def test_the_network_itself_stays_as_it_was(toon):
    before = {name: part.clone() for name, part in toon.network.state_dict().items()}
    LiveMix(toon.network).draw(PHOTO, {"ink": 1.5})
    assert all(torch.equal(part, before[name]) for name, part in toon.network.state_dict().items())


def test_statistics_of_the_picture_are_mixed_alike():
    """Norms that look at the picture stay in the merged network: their scale and shift move too."""
    spec = BackboneConfig(
        name="instance",
        norm="in",
        encoder=(BlockSpec("down", 8), BlockSpec("down", 8)),
        residual=(BlockSpec("residual", 8),),
        decoder=(BlockSpec("up", 8), BlockSpec("up", 8)),
        output_act="tanh",
    )
    backbone = shaken(Backbone(spec).eval(), 0)
    network = StyledBackbone(backbone).eval()
    for seed, style in enumerate(("a", "b"), start=1):
        network.add_adapter(
            style, shaken(Adapter(backbone, AdapterConfig(style=style, shades=0.4 * seed)), seed)
        )
    mix = {"a": 0.4, "b": 0.6}
    live = LiveMix(network)
    live.draw(PHOTO, mix)
    merged = network.merged(mix)
    for mine, wanted in zip(live._plain.parameters(), merged.parameters(), strict=True):
        assert torch.allclose(mine, wanted, atol=1e-5)


def test_a_style_that_is_another_one_now(toon, tiny_files):
    live = LiveMix(toon.network)
    ink = live.draw(PHOTO, {"ink": 1.0})
    toon.network.add_adapter("ink", load_adapter(tiny_files / "hayao", toon.network.backbone))
    live.forget("ink")
    assert far(live.draw(PHOTO, {"ink": 1.0}), ink) > 1


def test_few_styles_are_kept(toon, monkeypatch):
    monkeypatch.setattr("multitoon.demo.live.KEPT", 1)
    live = LiveMix(toon.network)
    first = live.draw(PHOTO, {"hayao": 0.5, "ink": 0.5})
    assert list(live._steps) == ["ink"]
    assert far(live.draw(PHOTO, {"hayao": 0.5, "ink": 0.5}), first) == 0
