import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from multitoon import stylize
from multitoon.checkpoint import load_backbone
from multitoon.errors import BackboneMismatchError, CheckpointError, UnknownNameError, UsageError
from multitoon.filters.upsample import enlarge
from multitoon.image import to_image, to_pixels, to_tensor
from multitoon.stylize import MultiToon, pick_device
from multitoon.tiles import apply_tiled
from tests.conftest import gradient


@pytest.fixture
def toon(tiny_home) -> MultiToon:
    toon = MultiToon.from_pretrained()
    toon.set_adapter("hayao")
    return toon


def difference(a: Image.Image, b: Image.Image) -> int:
    """The largest difference of two pictures in 0..255."""
    return int(np.abs(np.asarray(a).astype(int) - np.asarray(b)).max())


def drawn_in(style: str, photo: Image.Image) -> Image.Image:
    toon = MultiToon.from_pretrained()
    toon.set_adapter(style)
    return toon.stylize(photo)


# --- styles ---


def test_styles_come_from_the_folder(tiny_home):
    toon = MultiToon.from_pretrained()
    assert toon.styles == ["hayao", "ink"]
    assert toon.active == {}
    toon.set_adapter({"hayao": 0.6, "ink": 0.4})
    assert toon.active == {"hayao": 0.6, "ink": 0.4}


def test_source_may_be_a_folder_or_a_backbone(tiny_files):
    toon = MultiToon.from_pretrained(tiny_files)
    toon.set_adapter("ink")
    bare = MultiToon.from_pretrained(tiny_files / "backbone")
    assert bare.styles == []
    assert bare.load_adapter(tiny_files / "ink", "mine") == "mine"
    bare.set_adapter("mine")
    assert difference(bare.stylize(gradient(20, 20)), toon.stylize(gradient(20, 20))) == 0


def test_load_adapter_is_not_made_active(toon, tiny_home):
    assert toon.load_adapter(tiny_home / "ink") == "ink"
    assert toon.active == {"hayao": 1.0}


def test_merge_is_the_active_mix_in_one_plain_network(toon):
    toon.set_adapter({"hayao": 0.6, "ink": 0.4})
    x = to_tensor(gradient(32, 24))
    with torch.inference_mode():
        assert (toon.merge()(x) - toon.network(x, toon.active)).abs().max() < 1e-4


def test_no_plain_network_exaggerates(toon):
    toon.set_adapter({"hayao": 0.8, "ink": 0.7})
    with pytest.raises(UsageError, match=r"The weights sum to 1\.5") as caught:
        toon.merge()
    assert caught.value.hint == "The same mix: hayao:0.53,ink:0.46"


def test_save_adapter_and_load_it_again(toon, tmp_path):
    toon.save_adapter("ink", tmp_path / "copy")
    other = MultiToon.from_pretrained()
    assert other.load_adapter(tmp_path / "copy", "copy") == "copy"
    other.set_adapter("copy")
    toon.set_adapter("ink")
    assert difference(other.stylize(gradient(24, 24)), toon.stylize(gradient(24, 24))) <= 1
    assert stylize.checkpoint.adapter_facts(tmp_path / "copy")["license"] == "MIT"
    assert len(other.hash_of("copy")) == 64


# --- pictures ---


@settings(max_examples=20, deadline=None)
@given(width=st.integers(1, 90), height=st.integers(1, 90))
def test_same_size_out_as_in(tiny_files, width, height):
    toon = MultiToon.from_pretrained(tiny_files)
    toon.set_adapter("ink")
    assert toon.stylize(gradient(width, height)).size == (width, height)


def test_tiles_show_no_seam(toon, monkeypatch):
    photo = gradient(150, 130)
    whole = toon.stylize(photo)
    monkeypatch.setattr(stylize, "TILE", 40)
    assert difference(toon.stylize(photo), whole) <= 1  # rounding to 8 bits may fall to either side


def test_value_is_that_of_the_plain_network(toon):
    photo = gradient(33, 21)
    backbone = toon.network.backbone
    with torch.inference_mode():
        y = apply_tiled(
            lambda x: toon.network(x, "hayao"),
            to_tensor(photo),
            tile=None,
            halo=0,
            multiple=backbone.multiple,
        )
    expected = ((y[0].clamp(-1, 1) + 1) * 127.5).round().permute(1, 2, 0).numpy()
    assert np.abs(np.asarray(toon.stylize(photo)) - expected).max() <= 1


def test_strength_zero_is_the_backbone_and_mixing_is_symmetric(toon):
    photo = gradient(40, 30)
    zero = toon.stylize(photo, 0)
    toon.set_adapter("ink")
    assert difference(toon.stylize(photo, 0), zero) == 0
    assert difference(toon.stylize(photo, 1.5), zero) > 2
    assert difference(toon.stylize(photo), drawn_in("hayao", photo)) > 2
    toon.set_adapter({"hayao": 0.6, "ink": 0.4})
    mixed = toon.stylize(photo)
    toon.set_adapter({"ink": 0.4, "hayao": 0.6})
    assert difference(toon.stylize(photo), mixed) == 0


def test_strength_scales_the_weights(toon):
    photo = gradient(40, 30)
    half = toon.stylize(photo, 0.5)
    toon.set_adapter({"hayao": 0.5})
    assert difference(toon.stylize(photo), half) == 0


def test_strength_above_one_leads_further_from_the_photo(toon):
    photo = gradient(40, 30)
    one, more = (np.asarray(toon.stylize(photo, strength)).astype(float) for strength in (1, 1.4))
    wanted = np.asarray(photo) + 1.4 * (one - np.asarray(photo))
    assert np.abs(more - wanted.clip(0, 255)).max() <= 2
    toon.set_adapter({"hayao": 1.4})
    assert np.abs(np.asarray(toon.stylize(photo)) - more).max() == 0
    batch = toon.stylize_batch([photo, photo], ["hayao", "ink"], 1.4)
    assert np.abs(np.asarray(batch[0]) - more).max() <= 2


def test_regions_are_the_styles_where_masks_are_whole(toon):
    photo = gradient(48, 40)
    white, black = (Image.new("L", (48, 40), color) for color in ("white", "black"))
    hayao = toon.stylize(photo, 0.8)
    toon.set_adapter("ink")
    ink = toon.stylize(photo, 0.8)
    assert difference(toon.stylize(photo, 0.8, regions={"hayao": white}), hayao) <= 1
    assert difference(toon.stylize(photo, 0.8, regions={"hayao": black}), ink) <= 1


def test_regions_meet_inside_one_picture(toon):
    photo = gradient(96, 40)
    mask = Image.new("L", (96, 40))
    mask.paste(255, (48, 0, 96, 40))
    hayao = np.asarray(toon.stylize(photo)).astype(int)
    both = np.asarray(toon.stylize(photo, regions={"ink": mask}))
    toon.set_adapter("ink")
    ink = np.asarray(toon.stylize(photo)).astype(int)
    reach = toon.network.backbone.halo
    assert np.abs(both[:, : 48 - reach] - hayao[:, : 48 - reach]).max() <= 1
    assert np.abs(both[:, 48 + reach :] - ink[:, 48 + reach :]).max() <= 1


def test_regions_show_no_seam_between_tiles(toon, monkeypatch):
    photo = gradient(120, 100)
    mask = gradient(120, 100, seed=1).convert("L")
    whole = toon.stylize(photo, regions={"ink": mask})
    monkeypatch.setattr(stylize, "UNMERGED_TILE", 40)
    assert difference(toon.stylize(photo, regions={"ink": mask}), whole) <= 1


def test_overlapping_masks_share_and_a_mask_may_be_smaller(toon):
    photo = gradient(40, 40)
    white = Image.new("L", (20, 20), "white")
    toon.load_adapter("ink")
    shared = toon.stylize(photo, regions={"ink": white, "hayao": white})
    toon.set_adapter({"hayao": 0.5, "ink": 0.5})
    assert difference(shared, toon.stylize(photo)) <= 1


def test_preserve_color_keeps_gray_gray(toon):
    gray = gradient(40, 30).convert("L").convert("RGB")
    toon_rgb = np.asarray(toon.stylize(gray, preserve_color=True)).astype(int)
    assert (toon_rgb.max(-1) - toon_rgb.min(-1)).max() <= 1
    assert difference(toon.stylize(gray), gray) > 2


def test_alpha_and_max_size(toon):
    photo = gradient(60, 30)
    photo.putalpha(gradient(60, 30).convert("L"))
    drawn = toon.stylize(photo)
    assert drawn.mode == "RGBA"
    assert difference(drawn.getchannel("A"), photo.getchannel("A")) == 0
    assert toon.stylize(photo, max_size=20).size == (20, 10)
    assert toon.stylize(photo, max_size=100).size == (60, 30)


def test_a_batch_equals_the_pictures_one_by_one(toon):
    photos = [gradient(40, 30, 0), gradient(24, 24, 1), gradient(40, 30, 2), gradient(40, 30, 3)]
    styles = ["hayao", "ink", {"hayao": 0.3, "ink": 0.7}, "ink"]
    batch = toon.stylize_batch(photos, styles, 0.9)
    for photo, style, drawn in zip(photos, styles, batch, strict=True):
        toon.set_adapter(style)
        assert difference(drawn, toon.stylize(photo, 0.9)) <= 1


def test_big_pictures_of_a_batch_go_one_by_one():
    assert stylize._batches([(2000, 1000), (10, 10), (2000, 1000), (10, 10)]) == [[0], [2], [1, 3]]


def test_merged_networks_are_kept_and_forgotten(toon, monkeypatch):
    monkeypatch.setattr(stylize, "MERGED_KEPT", 2)
    photo = gradient(8, 8)
    first = toon._plain({"hayao": 1.0})
    assert toon._plain({"hayao": 1.0}) is first
    for strength in (0.1, 0.2, 0.3):
        toon.stylize(photo, strength)
    assert len(toon._merged) == 2
    toon.load_adapter("ink")
    assert not toon._merged


# --- errors ---


def test_error_texts(toon, tiny_files):
    photo = gradient(20, 20)
    with pytest.raises(UnknownNameError, match="Unknown style 'inc'; known: hayao, ink") as caught:
        toon.set_adapter("inc")
    assert caught.value.hint == "Did you mean 'ink'?"
    assert toon.active == {"hayao": 1.0}
    with pytest.raises(UsageError, match=r"strength is 1\.6, must be 0 to 1\.5"):
        toon.stylize(photo, 1.6)
    with pytest.raises(UsageError, match="strength is nan"):
        toon.stylize(photo, float("nan"))
    with pytest.raises(UsageError, match=r"The weight of ink is -1, must be 0 to 1\.5"):
        toon.set_adapter({"ink": -1})
    with pytest.raises(UsageError, match="A mix needs at least one style"):
        toon.set_adapter({})
    with pytest.raises(UsageError, match="The mask has 20x30 pixels, the photo 20x20"):
        toon.stylize(photo, regions={"ink": Image.new("L", (20, 30))})
    with pytest.raises(UnknownNameError, match="Unknown style 'oil'"):
        toon.stylize(photo, regions={"oil": Image.new("L", (20, 20))})
    with pytest.raises(UsageError, match="1 styles for 2 photos"):
        toon.stylize_batch([photo, photo], ["ink"])
    with pytest.raises(UsageError, match=r"A style called 'My\.Ink'"):
        toon.load_adapter("ink", "My.Ink")
    with pytest.raises(UnknownNameError, match="Unknown loaded style 'oil'; known: hayao, ink"):
        toon.hash_of("oil")


def test_no_style_is_an_error_with_a_way_out(tiny_home):
    with pytest.raises(UsageError, match="No style is active; known: hayao, ink") as caught:
        MultiToon.from_pretrained().stylize(gradient(8, 8))
    assert "set_adapter('hayao')" in caught.value.hint


def test_no_backbone_and_a_foreign_one(tmp_path, tiny_files):
    with pytest.raises(CheckpointError, match=r"config\.json"):
        MultiToon.from_pretrained(tmp_path)
    backbone = load_backbone(tiny_files / "backbone")
    with torch.no_grad():
        backbone.output.conv.bias += 0.1
    with pytest.raises(BackboneMismatchError, match="made for the backbone"):
        MultiToon(backbone).load_adapter(tiny_files / "ink")


def test_devices():
    assert pick_device("auto").type in ("cpu", "cuda", "mps")
    with pytest.raises(UsageError, match="Device 'tpu' is not on this machine"):
        pick_device("tpu")


def test_a_large_photo_is_drawn_small_and_enlarged_along_its_edges(tiny_home) -> None:
    toon = MultiToon.from_pretrained()
    toon.set_adapter("ink")
    photo = gradient(160, 120)
    small = photo.resize((64, 48), Image.Resampling.LANCZOS)
    drawn = toon.stylize(photo, draw_size=48)
    assert drawn.size == photo.size
    expected = enlarge(to_tensor(toon.stylize(small)), to_tensor(small), to_pixels(photo))
    assert difference(drawn, to_image(expected)) == 0
    assert toon.stylize(photo, draw_size=120) == toon.stylize(photo, draw_size=None)
    (batched,) = toon.stylize_batch([photo], ["ink"], draw_size=48)
    assert difference(batched, drawn) <= 1  # batches are drawn unmerged, with other rounding


def test_a_draw_size_below_one_pixel_is_an_error(tiny_home) -> None:
    toon = MultiToon.from_pretrained()
    toon.set_adapter("ink")
    with pytest.raises(UsageError, match="draw_size is 0, must be at least 1 pixel"):
        toon.stylize(gradient(8, 8), draw_size=0)
