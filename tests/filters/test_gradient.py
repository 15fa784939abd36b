import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage import filters as reference

from multitoon.errors import UsageError
from multitoon.filters.gradient import gaussian_blur, gaussian_taps, luminance, sobel


def test_luminance_of_the_primaries() -> None:
    primaries = torch.tensor([[1.0, -1, -1], [-1, 1, -1], [-1, -1, 1], [1, 1, 1]]).view(4, 3, 1, 1)
    assert luminance(primaries).flatten().tolist() == pytest.approx([0.299, 0.587, 0.114, 1.0])


def test_taps() -> None:
    # e = math.exp(-0.5); (e / (1 + 2 * e), 1 / (1 + 2 * e))
    assert gaussian_taps(1.0, 1) == pytest.approx([0.274068619, 0.451862762, 0.274068619])


def test_blur_is_scikit_image_gaussian() -> None:
    x = torch.rand(1, 1, 23, 31, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    expected = reference.gaussian(x[0, 0].numpy(), sigma=1.5, mode="nearest", truncate=5 / 1.5)
    assert gaussian_blur(x, 1.5)[0, 0].numpy() == pytest.approx(expected, abs=1e-12)


def test_sobel_is_scikit_image_sobel() -> None:
    x = torch.rand(1, 1, 23, 31, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    dx, dy = sobel(x)[0, :, 1:-1, 1:-1].numpy()
    gray = x[0, 0].numpy()
    # scikit-image divides by 4, for a difference over two pixels.
    assert dx * 2 == pytest.approx(reference.sobel_v(gray)[1:-1, 1:-1], abs=1e-12)
    assert dy * 2 == pytest.approx(reference.sobel_h(gray)[1:-1, 1:-1], abs=1e-12)


@given(
    slope_x=st.floats(-0.1, 0.1),
    slope_y=st.floats(-0.1, 0.1),
    height=st.integers(2, 9),
    width=st.integers(2, 9),
)
@settings(max_examples=25, deadline=None)
def test_gradient_of_a_ramp_is_exact_up_to_the_border(
    slope_x: float, slope_y: float, height: int, width: int
) -> None:
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    gray = (slope_x * x.double() + slope_y * y.double())[None, None]
    dx, dy = sobel(gray).unbind(1)
    assert (dx - slope_x).abs().max() < 1e-12
    assert (dy - slope_y).abs().max() < 1e-12


def test_errors() -> None:
    with pytest.raises(UsageError, match=r"gray picture has shape \(1, 3, 4, 4\), must be \(B, 1, H, W\)"):
        sobel(torch.zeros(1, 3, 4, 4))
    with pytest.raises(UsageError, match=r"picture has shape \(1, 3, 0, 4\)"):
        luminance(torch.zeros(1, 3, 0, 4))
    with pytest.raises(UsageError, match=r"sigma is 0, must be above 0"):
        gaussian_blur(torch.zeros(1, 1, 4, 4), 0)
