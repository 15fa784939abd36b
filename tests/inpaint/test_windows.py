import torch

from multitoon.inpaint.windows import windows


def test_covers_every_hole_and_none_overlap():
    generator = torch.Generator().manual_seed(0)
    hole = torch.zeros(1, 1, 700, 900)
    for _ in range(6):
        y, x = torch.randint(680, (2,), generator=generator).tolist()
        hole[..., y : y + 13, x : x + 21] = 1
    found = windows(hole)
    times_seen = torch.zeros(700, 900)
    for top, bottom, left, right in found:
        times_seen[top:bottom, left:right] += 1
    assert times_seen.max() == 1
    assert (times_seen[hole[0, 0] > 0] == 1).all()
    assert len(found) > 1


def test_a_small_hole_in_a_large_photo_is_a_small_window():
    hole = torch.zeros(1, 1, 3000, 4000)
    hole[..., 1500:1510, 2000:2010] = 1
    [(top, bottom, left, right)] = windows(hole)
    assert (bottom - top) * (right - left) < 200 * 200


def test_stays_inside_the_photo():
    hole = torch.zeros(1, 1, 20, 30)
    hole[..., 0, 0] = hole[..., -1, -1] = 1
    assert windows(hole) == [(0, 20, 0, 30)]


def test_no_hole_no_window():
    assert windows(torch.zeros(1, 1, 8, 8)) == []
