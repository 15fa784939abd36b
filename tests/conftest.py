"""Fixtures that many tests share: a folder of adapters with random weights, and photos made of formulas."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from hub.local_hub import LocalHub
from multitoon.checkpoint import ADAPTER_CONFIG, save_adapter, save_backbone
from multitoon.index import write_index
from multitoon.model.adapter import Adapter, AdapterConfig
from multitoon.model.backbone import Backbone, BackboneConfig, BlockSpec
from tests.hub_shelf import INK, files_of

TINY = BackboneConfig(
    name="tiny",
    encoder=(BlockSpec("unshuffle", 12), BlockSpec("conv", 8), BlockSpec("down", 8)),
    residual=(BlockSpec("residual", 8),),
    decoder=(BlockSpec("skip_up", 8),),
    output_shuffle=2,
    output_act="none",
    add_photo=True,
)


def shaken(module: torch.nn.Module, seed: int) -> torch.nn.Module:
    """`module` with weights and statistics as far from their initial values as training would take them."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for key, value in module.state_dict().items():
            noise = torch.randn(value.shape, generator=generator)
            value.copy_(0.5 + noise.abs() if key.endswith("var") else value + 0.15 * noise)
    return module


@pytest.fixture(scope="session")
def tiny_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`backbone/`, `hayao/`, `ink/` and `index.json` with random weights; read only."""
    home = tmp_path_factory.mktemp("adapters")
    torch.manual_seed(0)
    backbone = shaken(Backbone(TINY).eval(), 0)
    save_backbone(backbone, home / "backbone")
    numbers = {"hayao": {"shades": 0.5, "fade": 0.25}, "ink": {"fade": 0.75}}
    for seed, style in enumerate(numbers, start=1):
        config = AdapterConfig(style, rank=2, **numbers[style])
        adapter = shaken(Adapter(backbone, config), seed)
        save_adapter(adapter, home / style, backbone, license="MIT", teacher="random numbers")
    write_index(home)
    return home


@pytest.fixture
def tiny_home(tiny_files: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`tiny_files` as the folder that the package reads its styles from."""
    monkeypatch.setenv("MULTITOON_ADAPTERS", str(tiny_files))
    return tiny_files


@pytest.fixture
def local_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalHub]:
    """A Hub in this process, asked by huggingface_hub's own client; an empty cache, nobody logged in."""
    import huggingface_hub
    from huggingface_hub import constants
    from huggingface_hub.utils._http import default_client_factory

    hub = LocalHub()
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hf"))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda seconds: None)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    huggingface_hub.set_client_factory(hub.client)
    yield hub
    huggingface_hub.set_client_factory(default_client_factory)


@pytest.fixture
def ink(local_hub: LocalHub, tiny_home: Path) -> LocalHub:
    """The Hub with `someone/multitoon-ink`: the adapter, a pickle, and code."""
    extra = {"pytorch_model.bin": b"\x80\x04.", "modeling.py": b"raise SystemExit", "config.json": b"{}"}
    local_hub.add(INK.id, files_of(tiny_home / "ink") | extra, tag="v1")
    return local_hub


def gradient(width: int, height: int, seed: int = 0) -> Image.Image:
    """An RGB picture with slopes, an edge and some noise."""
    y, x = np.mgrid[0:height, 0:width]
    rgb = np.stack([255 * x / max(1, width - 1), 255 * y / max(1, height - 1), 200.0 * (x > y)], -1)
    rgb += np.random.default_rng(seed).normal(0, 8, rgb.shape)
    return Image.fromarray(rgb.clip(0, 255).astype(np.uint8))


def on_grain(home: Path, style: str, grain: float, copy: Path) -> Path:
    """A copy of the adapters in `home`, in which `style` has a paper of this grain."""
    path = shutil.copytree(home, copy) / style / ADAPTER_CONFIG
    facts = json.loads(path.read_text())
    facts["adapter"]["paper"] = grain
    path.write_text(json.dumps(facts))
    return copy


@pytest.fixture
def photo_file(tmp_path: Path) -> Path:
    """A JPEG of 67 x 45 pixels in a folder of its own."""
    path = tmp_path / "album" / "photo.jpg"
    path.parent.mkdir()
    gradient(67, 45).save(path, quality=95)
    return path
