"""Norms against hand-made values, and what each one guarantees."""

from __future__ import annotations

import pytest
import torch

from multitoon.model.norms import NORMS, ParameterizedBatchNorm, build_norm, freeze_statistics

X = torch.arange(16.0).view(1, 2, 2, 4) ** 2 / 10


@pytest.mark.parametrize("name", NORMS)
def test_shape_and_finite_on_a_flat_picture(name: str) -> None:
    norm = build_norm(name, 3)
    y = norm(torch.zeros(2, 3, 4, 4))
    assert y.shape == (2, 3, 4, 4)
    assert torch.isfinite(y).all()


def test_instance_norm_value() -> None:
    # import numpy as np; x = (np.arange(16.) ** 2 / 10).reshape(2, 8)
    # ((x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-5))[:, 0]
    expected = torch.tensor([-1.04910675, -1.38945346])
    torch.testing.assert_close(build_norm("in", 2)(X)[0, :, 0, 0], expected)


def test_layer_norm_value() -> None:
    # ((x - x.mean()) / np.sqrt(x.var() + 1e-5))[:, 0]
    expected = torch.tensor([-1.08117015, -0.18833286])
    torch.testing.assert_close(build_norm("ln", 2)(X)[0, :, 0, 0], expected)


def test_gate_blends_the_two() -> None:
    norm = build_norm("lin-gate", 2)
    torch.nn.init.constant_(norm.gate, 0.25)
    expected = 0.25 * build_norm("in", 2)(X) + 0.75 * build_norm("ln", 2)(X)
    torch.testing.assert_close(norm(X), expected)
    torch.nn.init.constant_(norm.gate, 7.0)
    torch.testing.assert_close(norm(X), build_norm("in", 2)(X))


def test_choice_follows_the_larger_printed_value_and_is_fixed_at_inference() -> None:
    norm = build_norm("lin-choice", 2)
    # Channels far apart: the layer's variance is large, so (x - mean) / var is larger within instances.
    apart = torch.cat([X[:, :1] * 0.01, X[:, 1:] + 100], 1)
    norm(apart)
    assert norm.preference > 0
    torch.testing.assert_close(norm.eval()(X), build_norm("in", 2)(X))
    norm.preference.fill_(-1.0)
    before = norm.preference.clone()
    torch.testing.assert_close(norm(apart), build_norm("ln", 2)(apart))
    assert norm.preference == before


def test_pbn_is_affine_at_inference_whatever_the_picture() -> None:
    norm = ParameterizedBatchNorm(2)
    norm(X + torch.randn(4, 2, 2, 4))
    norm.eval()
    scale, shift = norm.affine()
    torch.testing.assert_close(norm(X), X * scale.view(1, 2, 1, 1) + shift.view(1, 2, 1, 1))


def test_pbn_trains_with_the_batch_until_frozen() -> None:
    norm = ParameterizedBatchNorm(2)
    y = norm(X)
    torch.testing.assert_close(y.mean((0, 2, 3)), torch.zeros(2), atol=1e-5, rtol=0)
    mean = norm.mean.clone()
    freeze_statistics(norm)
    scale, shift = norm.affine()
    torch.testing.assert_close(norm(X), X * scale.view(1, 2, 1, 1) + shift.view(1, 2, 1, 1))
    assert torch.equal(norm.mean, mean)
