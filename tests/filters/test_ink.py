"""The ink painting: paper where nothing is, ink where something is, black lines at edges, any size."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from multitoon.color import rgb_to_yuv
from multitoon.errors import UsageError
from multitoon.filters.ink import INK, paint_ink

PAPER = torch.tensor(INK.paper) * 2 - 1


def landscape() -> torch.Tensor:
    """A blue sky over a dark textured ground, with a bright post that stands in both, (1, 3, 96, 96)."""
    generator = torch.Generator().manual_seed(0)
    x = torch.zeros(1, 3, 96, 96)
    x[:, :, :48] = torch.tensor([-0.1, 0.2, 0.8]).view(1, 3, 1, 1)
    x[:, :, 48:] = -0.6 + 0.3 * torch.randn(1, 1, 12, 24, generator=generator).repeat_interleave(
        4, 2
    ).repeat_interleave(4, 3)
    x[:, :, 24:80, 44:52] = 0.9
    return x.clamp(-1, 1)


@pytest.mark.parametrize("size", [(1, 1), (5, 3), (40, 61)])
def test_any_size_stays_in_range(size: tuple[int, int]) -> None:
    photo = torch.rand(2, 3, *size, generator=torch.Generator().manual_seed(1)) * 2 - 1
    toon = paint_ink(photo)
    assert toon.shape == photo.shape
    assert toon.isfinite().all()
    assert toon.abs().max() <= 1


def test_an_empty_sky_is_bare_paper() -> None:
    toon = paint_ink(landscape())
    corner = toon[0, :, 4:16, 4:16].mean((1, 2))
    assert torch.allclose(corner, PAPER, atol=0.05)


def test_the_ground_is_painted_and_the_post_has_lines_around_it() -> None:
    gray = rgb_to_yuv(paint_ink(landscape()))[0, 0]
    paper = rgb_to_yuv(PAPER.view(1, 3, 1, 1))[0, 0].item()
    assert gray[56:92, 8:36].mean() < paper - 0.3
    beside, inside = gray[28:44, 40:44].amin(1).mean(), gray[28:44, 47:49].mean()
    assert beside < paper - 0.3, "a line along the post"
    assert inside > paper - 0.15, "bright is paper"


def test_colors_are_thin() -> None:
    photo = landscape()
    photo[:, 0, 48:] += 0.5
    chroma = [
        rgb_to_yuv(paint_ink(photo, dataclasses.replace(INK, color=c)))[0, 1:, 60:, 8:36] for c in (0, 0.25)
    ]
    plain = rgb_to_yuv(PAPER.view(1, 3, 1, 1))[0, 1:].abs().max()
    assert chroma[0].abs().max() <= plain + 1e-4, "without color only the paper's own"
    assert 0 < (chroma[1] - chroma[0]).abs().mean() < 0.2


def test_a_gray_picture_is_refused() -> None:
    with pytest.raises(UsageError, match=r"must be \(B, 3, H, W\)"):
        paint_ink(torch.zeros(1, 1, 8, 8))
