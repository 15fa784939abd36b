import json

import pytest
import torch

from multitoon.checkpoint import load_backbone
from multitoon.errors import BackboneMismatchError, CheckpointError, UsageError
from multitoon.inpaint.bank import build_bank, load_bank, save_bank
from multitoon.inpaint.match import cells_of, describe
from tests.conftest import gradient


@pytest.fixture
def photos(tmp_path):
    paths = []
    for seed in range(2):
        paths.append(tmp_path / f"photo{seed}.png")
        gradient(90, 70, seed).save(paths[-1])
    return paths


def test_comes_back_as_it_was_written(tiny_home, photos, tmp_path):
    backbone = load_backbone()
    bank = build_bank(backbone, photos, count=50)
    save_bank(bank, tmp_path / "bank", license="CC0", credits=["A. Painter"])
    loaded = load_bank(backbone, tmp_path / "bank")
    assert len(loaded.latents) == 50
    assert torch.equal(loaded.latents, bank.latents)
    assert torch.equal(loaded.pixels, bank.pixels)
    assert loaded.facts["license"] == "CC0"
    assert loaded.facts["photos"] == ["photo0.png", "photo1.png"]


def test_same_seed_same_bank(tiny_home, photos):
    first, second = (build_bank(load_backbone(), photos, count=30, seed=3) for _ in range(2))
    assert torch.equal(first.latents, second.latents)
    assert not torch.equal(first.latents, build_bank(load_backbone(), photos, count=30, seed=4).latents)


def test_describes_its_cells_as_pictures_describe_theirs(tiny_home, photos):
    backbone = load_backbone()
    bank = build_bank(backbone, photos, count=30)
    x = bank.patches(torch.arange(1))
    cells = cells_of(backbone, x, torch.ones(1, 1, 8, 8))
    assert bank.described(cells).shape == (30, describe(cells, torch.arange(1)).shape[1])
    # Colors come first: of the middle cell they are the patch's own.
    colors = bank.described(cells)[0, 4 * len(cells.near) :][:12] / cells.scale[:12]
    own = torch.nn.functional.pixel_unshuffle(x[..., 3:5, 3:5], 2).flatten()
    assert torch.allclose(colors, own, atol=0.02)


def test_refuses_another_backbone(tiny_home, photos, tmp_path):
    save_bank(build_bank(load_backbone(), photos, count=30), tmp_path / "bank")
    config = tmp_path / "bank" / "bank.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "backbone_sha256": "0" * 64}))
    with pytest.raises(BackboneMismatchError, match="made with the backbone 000000000000") as caught:
        load_bank(load_backbone(), tmp_path / "bank")
    assert "multitoon inpaint-bank" in caught.value.hint


def test_refuses_what_is_no_bank(tiny_home, photos, tmp_path):
    with pytest.raises(CheckpointError, match="No such file"):
        load_bank(load_backbone(), tmp_path / "nothing")
    bank = build_bank(load_backbone(), photos, count=30)
    save_bank(bank, tmp_path / "bank")
    (tmp_path / "bank" / "bank.safetensors").write_bytes(b"garbage")
    with pytest.raises(CheckpointError, match="damaged"):
        load_bank(load_backbone(), tmp_path / "bank")


def test_needs_photos(tiny_home):
    with pytest.raises(UsageError, match="from 0 photos"):
        build_bank(load_backbone(), [])
