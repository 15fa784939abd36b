"""Distances between two sets of features: KID, which is unbiased for small sets, and FID.

With the features of Inception's 768 tap they are called KID-768 and FID-768: their values are not those of
the usual 2048 tap. All sums are made in float64.
"""

from __future__ import annotations

import torch
from torch import Tensor

from multitoon.errors import UsageError


def kid(x: Tensor, y: Tensor) -> float:
    """The squared maximum mean discrepancy of features (m, d) and (n, d) under k(a, b) = (a.b / d + 1)³.

    mean_{i != j} k(x_i, x_j) + mean_{i != j} k(y_i, y_j) - 2 mean k(x_i, y_j): unbiased, so that it may be
    slightly negative for equal sets (Binkowski et al. 2018, eq. 4). Over the whole sets, not over drawn
    subsets: one value, no chance.

    Raises:
        UsageError: fewer than two rows, or rows of different lengths.
    """
    x, y = _checked(x, y)
    m, n = len(x), len(y)
    xx, yy, xy = _kernel(x, x), _kernel(y, y), _kernel(x, y)
    within_x = (xx.sum() - xx.diagonal().sum()) / (m * (m - 1))
    within_y = (yy.sum() - yy.diagonal().sum()) / (n * (n - 1))
    return (within_x + within_y - 2 * xy.mean()).item()


def fid(x: Tensor, y: Tensor) -> float:
    """|m_x - m_y|² + tr(S_x + S_y - 2 (S_x S_y)^½) of features (m, d) and (n, d) (Heusel et al. 2017, eq. 6).

    The trace of the root is that of (S_x^½ S_y S_x^½)^½, which is symmetric, so that no complex root occurs.
    It is biased upward for few rows: below 2,000 look at `kid` first.

    Raises:
        UsageError: fewer than two rows, or rows of different lengths.
    """
    x, y = _checked(x, y)
    cov_x, cov_y = torch.cov(x.T), torch.cov(y.T)
    values, vectors = torch.linalg.eigh(cov_x)
    root = vectors * values.clamp_min(0).sqrt() @ vectors.T
    trace = torch.linalg.eigvalsh(root @ cov_y @ root).clamp_min(0).sqrt().sum()
    means = (x.mean(0) - y.mean(0)).square().sum()
    return (means + cov_x.trace() + cov_y.trace() - 2 * trace).item()


def _kernel(a: Tensor, b: Tensor) -> Tensor:
    return (a @ b.T / a.shape[1] + 1) ** 3


def _checked(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1] or min(len(x), len(y)) < 2:
        raise UsageError(
            f"Features of {tuple(x.shape)} and {tuple(y.shape)}; wanted (m, d) and (n, d), both at least 2."
        )
    return x.double(), y.double()
