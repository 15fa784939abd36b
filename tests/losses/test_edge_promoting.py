from __future__ import annotations

import math

import pytest
import torch

from multitoon.losses.edge_promoting import edge_promoting_discriminator, edge_promoting_generator


def logit(p: float) -> torch.Tensor:
    return torch.tensor([math.log(p / (1 - p))])


def test_three_terms() -> None:
    value = edge_promoting_discriminator(logit(0.8), logit(0.3), logit(0.1))
    assert value.item() == pytest.approx(-math.log(0.8) - math.log(0.7) - math.log(0.9), abs=1e-6)


def test_the_toon_wants_to_be_taken_for_a_cartoon() -> None:
    assert edge_promoting_generator(logit(0.25)).item() == pytest.approx(-math.log(0.25), abs=1e-6)
    score = torch.tensor([-20.0], requires_grad=True)
    edge_promoting_generator(score).backward()
    assert score.grad.item() == pytest.approx(-1, abs=1e-4), "a critic that is sure still teaches"
