"""Smoothing by L0 gradient minimization."""

from __future__ import annotations

import pytest
import torch

from multitoon.errors import UsageError
from multitoon.filters.l0 import l0_smooth


def noisy_step(height: int = 33, width: int = 48) -> tuple[torch.Tensor, torch.Tensor]:
    """An edge of a fifth of the range, with and without noise, (1, 3, H, W)."""
    step = torch.full((1, 3, height, width), -0.2)
    step[..., width // 2 :] = 0.2
    return step, step + 0.03 * torch.randn(step.shape, generator=torch.Generator().manual_seed(0))


def test_noise_goes_and_the_edge_stays_where_it_was() -> None:
    step, noisy = noisy_step()
    smooth = l0_smooth(noisy, 0.005)
    assert (smooth - step).abs().max() < 0.03
    assert (smooth - step).std() < 0.3 * (noisy - step).std()
    left, right = smooth[..., :24], smooth[..., 24:]
    assert max(left.std(dim=(2, 3)).max(), right.std(dim=(2, 3)).max()) < 2e-3  # the noise has 0.03


def test_an_edge_fainter_than_the_strength_goes_too() -> None:
    step, _ = noisy_step()
    assert l0_smooth(step, 0.005).std() > 0.9 * step.std()
    assert l0_smooth(0.05 * step, 0.005).std() < 0.1 * (0.05 * step).std()


def test_a_picture_in_a_batch_is_smoothed_as_it_is_alone() -> None:
    _, noisy = noisy_step()
    both = torch.cat([noisy, noisy.flip(-1)])
    torch.testing.assert_close(l0_smooth(both, 0.01)[1:], l0_smooth(both[1:], 0.01))


def test_left_and_right_do_not_touch() -> None:
    step, _ = noisy_step()
    wrapped = l0_smooth(step, 0.02)
    torch.testing.assert_close(wrapped[..., 0], step[..., 0], atol=5e-3, rtol=0)
    torch.testing.assert_close(wrapped[..., -1], step[..., -1], atol=5e-3, rtol=0)


def test_a_strength_of_nothing_is_refused() -> None:
    with pytest.raises(UsageError, match="must be above 0"):
        l0_smooth(torch.zeros(1, 3, 8, 8), 0.0)
