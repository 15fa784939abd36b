import torch

from multitoon.inpaint.baseline import smooth_fill
from multitoon.inpaint.poisson import graph_laplacian

from .test_poisson import picture, two_holes


def ramp(height: int = 40, width: int = 40) -> torch.Tensor:
    y, x = torch.meshgrid(torch.linspace(-1, 1, height), torch.linspace(-1, 1, width), indexing="ij")
    return torch.stack([x, y, (x + y) / 2])[None]


def test_continues_slopes():
    hole = torch.zeros(1, 1, 40, 40)
    hole[..., 12:28, 10:30] = 1
    assert (smooth_fill(ramp(), hole) - ramp()).abs().max() < 0.01


def test_a_membrane_is_flat_in_its_laplacian_and_within_the_range_of_its_border():
    x, hole = picture(0), two_holes()
    filled = smooth_fill(x, hole, reach=0)
    assert (graph_laplacian(filled) * hole).abs().max() < 0.02
    assert filled.abs().max() <= x.abs().max() + 1e-3


def test_what_lies_under_the_hole_has_no_influence():
    x, hole = picture(0), two_holes()
    assert torch.equal(smooth_fill(x.masked_fill(hole > 0, float("nan")), hole), smooth_fill(x, hole))


def test_a_picture_that_is_all_hole_becomes_gray():
    assert torch.equal(smooth_fill(picture(0), torch.ones(1, 1, 24, 31)), torch.zeros(1, 3, 24, 31))


def test_nothing_missing_changes_nothing():
    assert torch.equal(smooth_fill(picture(0), torch.zeros(1, 1, 24, 31)), picture(0))
