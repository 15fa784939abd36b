import pytest
import torch
import torch.nn.functional as F

from multitoon.filters.upsample import enlarge, follow, rows
from multitoon.image import float_to_pixels, pixels_to_float


@pytest.mark.parametrize("size", [(31, 40), (13, 17), (50, 17), (1, 1)])
def test_rows_are_rows_of_interpolate(size: tuple[int, int]) -> None:
    x = torch.rand(2, 3, 13, 17, generator=torch.Generator().manual_seed(0))
    whole = F.interpolate(x, size, mode="bilinear")
    for top, bottom in ((0, 1), (size[0] // 3, size[0])):
        assert torch.allclose(rows(x, top, bottom, size), whole[:, :, top:bottom], atol=1e-5)


def test_slope_is_high_where_the_picture_was_kept() -> None:
    gray = torch.zeros(1, 1, 20, 20)
    gray[..., 10:] = 0.5
    slope = follow(gray, gray)
    assert slope[..., 9:11].min() > 0.75  # 0.99 in the windows on the edge, which their mean then lowers
    assert slope[..., :3].abs().max() == 0  # flat: nothing to follow


def test_slope_is_zero_where_a_texture_was_smoothed_away() -> None:
    texture = torch.rand(1, 1, 20, 20, generator=torch.Generator().manual_seed(0))
    assert follow(texture, torch.full((1, 3, 20, 20), 0.4)).abs().max() < 1e-4


def test_enlarging_a_picture_over_itself_gives_the_photo_back() -> None:
    x = torch.rand(1, 3, 24, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1
    photo = float_to_pixels(F.interpolate(x, scale_factor=2, mode="bicubic"))
    full = pixels_to_float(photo)
    small = F.interpolate(full, scale_factor=0.5, mode="area")
    gray = small.mean(1, keepdim=True).expand(-1, 3, -1, -1)
    gray_photo = float_to_pixels(full.mean(1, keepdim=True).expand(-1, 3, -1, -1))
    assert (enlarge(gray, gray, gray_photo).int() - gray_photo.int()).abs().float().mean() < 3


def test_enlarging_a_flat_toon_adds_nothing_of_the_photo() -> None:
    photo = torch.randint(0, 256, (1, 3, 40, 48), dtype=torch.uint8)
    small = F.interpolate(pixels_to_float(photo), size=(20, 24), mode="area")
    flat = torch.full((1, 3, 20, 24), 0.2)
    assert torch.equal(enlarge(flat, small, photo), float_to_pixels(torch.full((1, 3, 40, 48), 0.2)))
