"""Few flat shades, nothing else."""

from __future__ import annotations

import pytest
import torch

from multitoon.color import luma, rgb_to_yuv
from multitoon.model.shades import STEPS, draw_shades


def gray(values: torch.Tensor) -> torch.Tensor:
    return values.view(1, 1, 1, -1).expand(1, 3, 1, -1)


def test_shades_are_flat_and_where_they_should_be() -> None:
    ramp = gray(torch.linspace(-1, 1, 601, dtype=torch.float64))
    drawn = draw_shades(ramp, 1.0)[0, 0, 0]
    slope = (drawn[1:] - drawn[:-1]) * 300
    assert slope.min() > 0  # no shade comes twice
    at = torch.arange(0, 601, 600 // STEPS)
    torch.testing.assert_close(drawn[at], ramp[0, 0, 0, at])
    assert slope[at.clamp_max(599)].max() < 1e-3
    torch.testing.assert_close(slope[at[:-1] + 50], torch.full((STEPS,), 2.0).double(), atol=2e-3, rtol=0)


def test_chroma_is_kept() -> None:
    picture = torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(0)) - 0.5
    before, after = rgb_to_yuv(picture), rgb_to_yuv(draw_shades(picture, 0.7))
    torch.testing.assert_close(before[:, 1:], after[:, 1:], atol=1e-6, rtol=0)
    assert (before[:, :1] - after[:, :1]).abs().max() > 0.02


@pytest.mark.parametrize("share", [0.0, torch.zeros(())])
def test_no_share_changes_no_bit(share: float | torch.Tensor) -> None:
    picture = torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(0)) * 2 - 1
    assert torch.equal(draw_shades(picture, share), picture)


def test_luma_is_the_first_of_yuv() -> None:
    picture = torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(0)) * 2 - 1
    assert torch.equal(luma(picture), rgb_to_yuv(picture)[:, :1])
