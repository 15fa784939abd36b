from __future__ import annotations

import pytest
import torch

from multitoon.losses.animegan import animegan_discriminator


def test_four_terms() -> None:
    style, toon, gray, smoothed = (torch.tensor([v, v]) for v in (0.5, 0.2, 0.3, 2.0))
    # 0.25 + 0.04 + 0.09 + 0.1 * 4
    assert animegan_discriminator(style, toon, gray, smoothed).item() == pytest.approx(0.78)
