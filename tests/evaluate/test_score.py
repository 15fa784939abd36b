import pytest
import torch

from multitoon.errors import UsageError
from multitoon.evaluate.score import inception_score


def test_bounds():
    assert inception_score(torch.full((5, 10), 0.1)) == pytest.approx(1)
    assert inception_score(torch.eye(4, 10)) == pytest.approx(4)


def test_it_is_its_equation():
    entropy = pytest.importorskip("scipy.stats").entropy
    p = torch.rand(6, 9, generator=torch.Generator().manual_seed(0), dtype=torch.float64).softmax(1).numpy()
    expected = sum(entropy(row, p.mean(0)) for row in p) / 6
    assert inception_score(torch.from_numpy(p)) == pytest.approx(torch.tensor(expected).exp().item())


def test_refuses():
    with pytest.raises(UsageError, match=r"Probabilities of \(0, 10\)"):
        inception_score(torch.zeros(0, 10))
