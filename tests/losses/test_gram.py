from __future__ import annotations

import pytest
import torch

from multitoon.losses.gram import gram, gram_loss, gray


def test_gram_counts_what_occurs_together_and_is_divided_by_the_area() -> None:
    maps = torch.tensor([[[1.0, 2.0]], [[3.0, -1.0]]])[None]  # two channels of 1 x 2 pixels
    # (1 + 4) / 2, (3 - 2) / 2, (9 + 1) / 2
    assert gram(maps)[0].tolist() == [[2.5, 0.5], [0.5, 5.0]]


def test_gram_does_not_see_where() -> None:
    maps = torch.randn(2, 3, 4, 5, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(gram(maps), gram(maps.flip(-1)), atol=1e-6)


def test_the_loss_is_the_mean_over_entries_and_layers() -> None:
    toon = {"a": torch.tensor([[[[1.0, 1.0]]]]), "b": torch.tensor([[[[2.0]], [[1.0]]]])}
    style = {"a": torch.tensor([[[3.0]]]), "b": torch.zeros(1, 2, 2)}
    # a: |1 - 3| = 2; b: the Gram matrix is [[4, 2], [2, 1]], its mean 9 / 4
    assert gram_loss(toon, style).item() == pytest.approx((2 + 9 / 4) / 2)


def test_gray_is_luminance_three_times() -> None:
    red = torch.tensor([1.0, -1.0, -1.0]).view(1, 3, 1, 1)
    # 0.299 * 1 - 0.587 - 0.114
    assert gray(red).flatten().tolist() == pytest.approx([-0.402] * 3, abs=1e-6)
