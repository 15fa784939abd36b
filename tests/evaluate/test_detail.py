import numpy as np
import pytest
import torch

from multitoon.evaluate.detail import detail_moments, luminance_detail, pearson
from multitoon.filters.gradient import luminance
from tests.evaluate.conftest import pictures


def test_correlation_with_itself_and_its_negative():
    x = pictures(2, 3, 40, 50)
    torch.testing.assert_close(pearson(detail_moments(x, x)), torch.ones(2, dtype=torch.float64))
    torch.testing.assert_close(pearson(detail_moments(x, -x)), -torch.ones(2, dtype=torch.float64))


def test_brightness_and_contrast_do_not_matter():
    x = pictures(1, 3, 40, 50)
    torch.testing.assert_close(pearson(detail_moments(x, 0.3 * x + 0.2)), torch.ones(1, dtype=torch.float64))


def test_nothing_agrees_with_a_flat_picture():
    x = pictures(1, 3, 40, 50)
    assert pearson(detail_moments(x, torch.zeros_like(x))).item() == 0


def test_agrees_with_numpy_and_scipy():
    ndimage = pytest.importorskip("scipy.ndimage")
    a, b = pictures(1, 3, 60, 48, seed=1), pictures(1, 3, 60, 48, seed=2)
    details = []
    for x in (a, b):
        y = luminance(x)[0, 0].numpy()
        details.append(y - ndimage.gaussian_filter(y, 4, mode="nearest", truncate=3))
        np.testing.assert_allclose(luminance_detail(x)[0, 0], details[-1], atol=1e-12)
    expected = np.corrcoef(details[0].ravel(), details[1].ravel())[0, 1]
    assert pearson(detail_moments(a, b)).item() == pytest.approx(expected, abs=1e-12)


def test_moments_add_up():
    a, b = pictures(3, 3, 30, 30, seed=1), pictures(3, 3, 30, 30, seed=2)
    pooled = pearson(detail_moments(a, b).sum(0)).item()
    both = [luminance_detail(x).flatten().numpy() for x in (a, b)]
    assert pooled == pytest.approx(np.corrcoef(*both)[0, 1], abs=1e-12)
