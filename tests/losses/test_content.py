from __future__ import annotations

import pytest
import torch

from multitoon.losses.content import content_loss


def test_content_is_the_mean_absolute_difference_of_maps() -> None:
    toon = torch.tensor([1.0, -2.0, 0.0, 4.0]).view(1, 2, 1, 2)
    photo = torch.tensor([0.0, 0.0, 0.5, 4.0]).view(1, 2, 1, 2)
    assert content_loss(toon, photo).item() == pytest.approx((1 + 2 + 0.5 + 0) / 4)
