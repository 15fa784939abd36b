import dataclasses
import doctest
import importlib

import pytest
import torch
import torch.nn.functional as F
from hypothesis import example, given, settings
from hypothesis import strategies as st

from multitoon.errors import UsageError
from multitoon.filters import abstraction
from multitoon.filters.abstraction import AbstractionConfig, abstract, draw_flow, draw_lines
from multitoon.filters.gradient import luminance
from tests.filters.scenes import disc


def disc_photo(size: int) -> torch.Tensor:
    """A dark disc on light ground with grain, (1, 3, size, size) in [-1, 1]."""
    gray, _ = disc(size, 0.3 * size)
    grain = 0.02 * torch.randn(gray.shape, generator=torch.Generator().manual_seed(0))
    return ((gray + grain).clamp(0, 1) * 2 - 1).repeat(1, 3, 1, 1)


@given(height=st.integers(1, 40), width=st.integers(1, 40), seed=st.integers(0, 99))
@example(height=1, width=1, seed=0)
@example(height=1, width=40, seed=0)
@settings(max_examples=10, deadline=None)
def test_any_size_comes_out_as_it_went_in(height: int, width: int, seed: int) -> None:
    photo = torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(seed)) * 2 - 1
    toon, lines, flow = abstract(photo), draw_lines(photo), draw_flow(photo)
    assert toon.shape == photo.shape
    assert -1 - 1e-5 <= toon.min() <= toon.max() <= 1 + 1e-5
    for picture in (lines, flow):
        assert picture.shape == (1, 1, height, width)
        assert 0 <= picture.min() <= picture.max() <= 1


def test_a_batch_is_its_photos_one_by_one() -> None:
    photos = torch.cat([disc_photo(48), disc_photo(48).roll(10, dims=3) * 0.5])
    difference = (abstract(photos) - torch.cat([abstract(p[None]) for p in photos])).abs()
    # Convolutions round otherwise in a batch, and a step of a streamline may then end in the next pixel.
    assert difference.mean() < 1e-4
    assert difference.max() < 0.05


def test_a_disc_is_two_flat_colors_and_a_line() -> None:
    photo = disc_photo(160)
    toon, lines = luminance(abstract(photo)), draw_lines(photo)
    for part in (toon[..., 70:90, 70:90], toon[..., :20, :20]):
        assert part.std() < 0.005  # the grain was 0.02
        assert part.min() > 0.05
    assert lines[..., 80, 25:35].min() < 0.1  # where the row crosses the disc's border
    assert lines[..., 70:90, 70:90].min() == lines[..., :20, :20].min() == 1


def test_a_large_photo_looks_like_its_small_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(abstraction, "WORKING_PIXELS", 128 * 128)
    monkeypatch.setattr(abstraction, "STRIP", 50)
    large = disc_photo(448)
    small = F.interpolate(large, (128, 128), mode="area")
    reduced = F.interpolate(abstract(large), (128, 128), mode="area")
    assert (reduced - abstract(small)).abs().mean() < 0.02  # of 2; lines are crisper in the large one
    lines = F.interpolate(draw_lines(large), (128, 128), mode="area")
    assert (lines - draw_lines(small)).abs().mean() < 0.01


def test_strips_leave_no_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(abstraction, "WORKING_PIXELS", 64 * 64)
    photo = disc_photo(150)
    whole = abstract(photo)
    monkeypatch.setattr(abstraction, "STRIP", 7)
    assert torch.allclose(abstract(photo), whole, atol=1e-4)


def test_lines_of_the_toon_are_the_lines_alone() -> None:
    photo = disc_photo(96)
    ink = draw_lines(photo) == 0
    assert ink.any()
    assert luminance(abstract(photo))[ink].abs().max() < 1e-6


def test_config_reaches_the_filters() -> None:
    photo = torch.linspace(-1, 1, 64).expand(1, 3, 64, 64).contiguous()
    few = abstract(photo, AbstractionConfig(levels=2, sharpness=100.0))
    assert ((few.abs() - 1).abs() < 0.02).float().mean() > 0.95
    with pytest.raises(UsageError, match=r"levels is 0, must be at least 2"):
        abstract(photo, dataclasses.replace(AbstractionConfig(), levels=0))


def test_errors() -> None:
    with pytest.raises(UsageError, match=r"photo has shape \(3, 8, 8\), must be \(B, 3, H, W\)"):
        abstract(torch.zeros(3, 8, 8))


@pytest.mark.parametrize(
    "name", ["abstraction", "bilateral", "flow", "gradient", "lic", "lines", "quantize", "smooth_edges"]
)
def test_examples_run(name: str) -> None:
    module = importlib.import_module(f"multitoon.filters.{name}")
    assert doctest.testmod(module).failed == 0
