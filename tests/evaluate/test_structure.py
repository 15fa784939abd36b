import pytest
import torch

from multitoon.errors import UsageError
from multitoon.evaluate.structure import gradient_similarity, ssim
from multitoon.filters.gradient import luminance
from tests.evaluate.conftest import pictures


def test_ssim_agrees_with_scikit_image():
    metrics = pytest.importorskip("skimage.metrics")
    a, b = pictures(1, 3, 61, 48, seed=1), pictures(1, 3, 61, 48, seed=2)
    expected = metrics.structural_similarity(
        luminance(a)[0, 0].numpy(),
        luminance(b)[0, 0].numpy(),
        data_range=1.0,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
    )
    assert ssim(a, b).item() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("measure", [ssim, gradient_similarity])
def test_similarity_is_one_for_itself_and_falls(measure):
    x = pictures(2, 3, 40, 40)
    torch.testing.assert_close(measure(x, x), torch.ones(2, dtype=torch.float64))
    noise = torch.randn(x.shape, dtype=x.dtype, generator=torch.Generator().manual_seed(0))
    little, much = measure(x + 0.05 * noise, x), measure(x + 0.5 * noise, x)
    assert (much < little).all()
    assert (little < 1).all()


def test_gradient_similarity_value():
    ramp = torch.linspace(-1, 1, 41, dtype=torch.float64).expand(1, 3, 41, 41)  # luminance rises by 1 / 40
    flat = torch.zeros_like(ramp)
    constant = 170 / 255**2 / 4
    expected = constant / ((1 / 40) ** 2 + constant)
    assert gradient_similarity(ramp, flat).item() == pytest.approx(expected)


def test_ssim_needs_its_window():
    with pytest.raises(UsageError, match=r"SSIM of \(10, 64\) pixels; it needs at least 11"):
        ssim(torch.zeros(1, 3, 10, 64), torch.zeros(1, 3, 10, 64))
