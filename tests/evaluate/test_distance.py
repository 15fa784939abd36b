import numpy as np
import pytest
import torch

from multitoon.errors import UsageError
from multitoon.evaluate.distance import fid, kid


def features(rows: int, width: int, shift: float, seed: int) -> torch.Tensor:
    return torch.randn(rows, width, generator=torch.Generator().manual_seed(seed)) + shift


def test_kid_is_its_equation():
    x, y = features(5, 3, 0, 1).double(), features(4, 3, 1, 2).double()

    def kernel(a, b):
        return (float(a @ b) / 3 + 1) ** 3

    within_x = sum(kernel(x[i], x[j]) for i in range(5) for j in range(5) if i != j) / 20
    within_y = sum(kernel(y[i], y[j]) for i in range(4) for j in range(4) if i != j) / 12
    between = sum(kernel(a, b) for a in x for b in y) / 20
    assert kid(x, y) == pytest.approx(within_x + within_y - 2 * between)


def test_kid_of_one_distribution_is_near_zero():
    same, other = (
        kid(features(400, 8, 0, 1), features(300, 8, 0, 2)),
        kid(features(400, 8, 0, 1), features(300, 8, 1, 2)),
    )
    assert abs(same) < 0.05
    assert other > 1


@pytest.mark.parametrize(("rows", "width"), [(60, 10), (12, 20)])
def test_fid_agrees_with_scipy(rows, width):
    linalg = pytest.importorskip("scipy.linalg")
    x, y = features(rows, width, 0, 1).numpy(), features(rows + 3, width, 0.5, 2).numpy() * 2
    cov_x, cov_y = np.cov(x.astype(float), rowvar=False), np.cov(y.astype(float), rowvar=False)
    offset = np.eye(width) * 1e-9  # scipy's root fails where the product is singular
    root = linalg.sqrtm((cov_x + offset) @ (cov_y + offset)).real
    means = ((x.mean(0, dtype=float) - y.mean(0, dtype=float)) ** 2).sum()
    expected = means + np.trace(cov_x) + np.trace(cov_y) - 2 * np.trace(root)
    assert fid(torch.from_numpy(x), torch.from_numpy(y)) == pytest.approx(expected, rel=1e-3)


def test_fid_of_a_set_with_itself():
    x = features(50, 10, 0, 1)
    assert fid(x, x) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("measure", [kid, fid])
def test_refuses(measure):
    with pytest.raises(UsageError, match=r"Features of \(1, 4\) and \(9, 4\)"):
        measure(torch.zeros(1, 4), torch.zeros(9, 4))
    with pytest.raises(UsageError, match=r"Features of \(9, 4\) and \(9, 5\)"):
        measure(torch.zeros(9, 4), torch.zeros(9, 5))
