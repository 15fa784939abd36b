import numpy as np
import pytest
import torch
from skimage import color as reference

from multitoon.color import delta_e_2000, faded, keep_color, rgb_to_lab, rgb_to_yuv, yuv_to_rgb

# Sharma, Wu, Dalal 2005, table 1: L1 a1 b1, L2 a2 b2, CIEDE2000.
SHARMA = """
50.0000 2.6772 -79.7751 50.0000 0.0000 -82.7485 2.0425
50.0000 3.1571 -77.2803 50.0000 0.0000 -82.7485 2.8615
50.0000 2.8361 -74.0200 50.0000 0.0000 -82.7485 3.4412
50.0000 -1.3802 -84.2814 50.0000 0.0000 -82.7485 1.0000
50.0000 -1.1848 -84.8006 50.0000 0.0000 -82.7485 1.0000
50.0000 -0.9009 -85.5211 50.0000 0.0000 -82.7485 1.0000
50.0000 0.0000 0.0000 50.0000 -1.0000 2.0000 2.3669
50.0000 -1.0000 2.0000 50.0000 0.0000 0.0000 2.3669
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0009 7.1792
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0010 7.1792
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0011 7.2195
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0012 7.2195
50.0000 -0.0010 2.4900 50.0000 0.0009 -2.4900 4.8045
50.0000 -0.0010 2.4900 50.0000 0.0010 -2.4900 4.8045
50.0000 -0.0010 2.4900 50.0000 0.0011 -2.4900 4.7461
50.0000 2.5000 0.0000 50.0000 0.0000 -2.5000 4.3065
50.0000 2.5000 0.0000 73.0000 25.0000 -18.0000 27.1492
50.0000 2.5000 0.0000 61.0000 -5.0000 29.0000 22.8977
50.0000 2.5000 0.0000 56.0000 -27.0000 -3.0000 31.9030
50.0000 2.5000 0.0000 58.0000 24.0000 15.0000 19.4535
50.0000 2.5000 0.0000 50.0000 3.1736 0.5854 1.0000
50.0000 2.5000 0.0000 50.0000 3.2972 0.0000 1.0000
50.0000 2.5000 0.0000 50.0000 1.8634 0.5757 1.0000
50.0000 2.5000 0.0000 50.0000 3.2592 0.3350 1.0000
60.2574 -34.0099 36.2677 60.4626 -34.1751 39.4387 1.2644
63.0109 -31.0961 -5.8663 62.8187 -29.7946 -4.0864 1.2630
61.2901 3.7196 -5.3901 61.4292 2.2480 -4.9620 1.8731
35.0831 -44.1164 3.7933 35.0232 -40.0716 1.5901 1.8645
22.7233 20.0904 -46.6940 23.0331 14.9730 -42.5619 2.0373
36.4612 47.8580 18.3852 36.2715 50.5065 21.2231 1.4146
90.8027 -2.0831 1.4410 91.1528 -1.6435 0.0447 1.4441
90.9257 -0.5406 -0.9208 88.6381 -0.8985 -0.7239 1.5381
6.7747 -0.2908 -2.4247 5.8714 -0.0985 -2.2286 0.6377
2.0776 0.0795 -1.1350 0.9033 -0.0636 -0.5514 0.9082
"""


def picture(seed: int, size: int = 32) -> torch.Tensor:
    return torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def test_delta_e_of_sharmas_pairs():
    table = torch.tensor([[float(v) for v in line.split()] for line in SHARMA.strip().splitlines()]).double()
    lab_1, lab_2 = (table[:, i : i + 3].T.reshape(1, 3, -1, 1) for i in (0, 3))
    assert delta_e_2000(lab_1, lab_2).flatten().tolist() == pytest.approx(table[:, 6].tolist(), abs=1e-4)
    assert delta_e_2000(lab_2, lab_1).flatten().tolist() == pytest.approx(table[:, 6].tolist(), abs=1e-4)


def test_delta_e_shape_and_identity():
    lab = rgb_to_lab(picture(0))
    assert delta_e_2000(lab, lab).shape == (1, 1, 32, 32)
    assert delta_e_2000(lab, lab).max() < 1e-5


def test_lab_equals_scikit_image():
    x = picture(1)
    expected = reference.rgb2lab(((x[0] + 1) / 2).permute(1, 2, 0).numpy())
    np.testing.assert_allclose(rgb_to_lab(x)[0].permute(1, 2, 0).numpy(), expected, atol=0.02)


def test_lab_has_gradients_at_black_and_white():
    x = torch.tensor([-1.0, 1.0]).view(1, 1, 2, 1).repeat(1, 3, 1, 1).requires_grad_()
    rgb_to_lab(x).sum().backward()
    assert x.grad.isfinite().all()


def test_yuv_values():
    # Red in [0, 1] is (0.299, -0.147, 0.615); in [-1, 1] chroma doubles, and Y is 2 * 0.299 - 1.
    red = torch.tensor([1.0, -1.0, -1.0]).view(1, 3, 1, 1)
    assert rgb_to_yuv(red).flatten().tolist() == pytest.approx([-0.402, -0.2943, 1.23], abs=1e-3)


def test_yuv_of_gray_has_no_chroma():
    gray = torch.linspace(-1, 1, 9).view(1, 1, 3, 3).repeat(1, 3, 1, 1)
    assert rgb_to_yuv(gray)[:, 1:].abs().max() < 1e-6


def test_yuv_and_back():
    assert (yuv_to_rgb(rgb_to_yuv(picture(2))) - picture(2)).abs().max() < 1e-5


def test_faded_takes_its_share_of_the_chroma_and_keeps_the_luminance():
    before, after = rgb_to_yuv(picture(8)), rgb_to_yuv(faded(picture(8), 0.7))
    torch.testing.assert_close(after[:, :1], before[:, :1], atol=1e-6, rtol=0)
    torch.testing.assert_close(after[:, 1:], 0.3 * before[:, 1:], atol=1e-6, rtol=0)


def test_keep_color_keeps_luminance_and_range():
    toon, photo = picture(3), picture(4)
    kept = keep_color(toon, photo)
    assert kept.abs().max() <= 1 + 1e-5
    assert (rgb_to_yuv(kept)[:, 0] - rgb_to_yuv(toon)[:, 0]).abs().max() < 1e-5


def test_keep_color_takes_chroma_of_the_photo_where_it_fits():
    toon, photo = picture(5) * 0.2, picture(6) * 0.2
    assert (rgb_to_yuv(keep_color(toon, photo))[:, 1:] - rgb_to_yuv(photo)[:, 1:]).abs().max() < 1e-5


def test_keep_color_of_itself_changes_nothing():
    assert (keep_color(picture(7), picture(7)) - picture(7)).abs().max() < 1e-5
