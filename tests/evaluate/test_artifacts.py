import math

import pytest
import torch

from multitoon.errors import UsageError
from multitoon.evaluate.artifacts import border_ratio, checkerboard, flat_share
from tests.evaluate.conftest import pictures


def test_border_ratio():
    photo = torch.zeros(1, 3, 64, 80, dtype=torch.float64)
    toon = photo + 0.1
    assert border_ratio(toon, photo).item() == pytest.approx(1)
    toon[:, :, :, :16] = 0.4  # 1,024 of the frame's 3,584 pixels change four times as much
    expected = (4 * 1024 + 2560) / 3584
    assert border_ratio(toon, photo).item() == pytest.approx(expected)


def test_border_ratio_of_an_untouched_photo_and_of_a_mere_frame():
    photo = torch.zeros(2, 3, 64, 64, dtype=torch.float64)
    toon = photo.clone()
    toon[1, :, :3] = 1
    assert border_ratio(toon, photo).tolist() == [1, math.inf]


@pytest.mark.parametrize("pattern", ["rows", "columns", "both"])
def test_checkerboard_is_found(pattern):
    x = pictures(2, 3, 161, 160)
    clean = checkerboard(x)
    y, u = torch.meshgrid(torch.arange(161), torch.arange(160), indexing="ij")
    sign = (-1.0) ** {"rows": y, "columns": u, "both": y + u}[pattern]
    marked = checkerboard(x + 0.02 * sign)
    assert (clean < 2).all()
    assert (marked > 10).all()


def test_checkerboard_of_a_flat_picture():
    assert checkerboard(torch.zeros(1, 3, 64, 70)).item() == 1


def test_flat_share():
    flat = torch.zeros(1, 3, 40, 40)
    assert flat_share(flat).item() == 1
    flat[..., 20:] = 1  # one edge: the gradient sees two columns
    assert flat_share(flat).item() == pytest.approx(38 / 40)


def test_too_small():
    small = torch.zeros(1, 3, 31, 64)
    with pytest.raises(UsageError, match=r"border's error of \(31, 64\) pixels; it needs at least 33"):
        border_ratio(small, small)
    with pytest.raises(UsageError, match=r"checkerboard of \(31, 64\) pixels; it needs at least 64"):
        checkerboard(small)
