import pytest
import torch
import torch.nn.functional as F

from multitoon.filters.upsample import follow, rows


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
