"""Targets: the teacher's drawing without its tint."""

from __future__ import annotations

import torch

from multitoon.color import rgb_to_yuv
from multitoon.data.light import LightConfig, lit
from multitoon.data.target import TargetConfig, recompose
from multitoon.filters.guided import guided_filter

PLAIN = TargetConfig(light=LightConfig())


def scene() -> torch.Tensor:
    """A smooth photo with one edge, (1, 3, 96, 96)."""
    x = torch.linspace(-0.4, 0.2, 96).expand(96, 96)
    photo = torch.stack([x, x * 0.5, x.T])[None].clone()
    photo[..., 48:] += 0.3
    return photo


def test_a_uniform_tint_of_the_teacher_is_gone() -> None:
    photo = scene()
    tinted = photo + torch.tensor([0.2, -0.1, 0.05]).view(1, 3, 1, 1)
    difference = rgb_to_yuv(recompose(photo, tinted, PLAIN) - photo)
    assert difference[:, :1].abs().max() < 0.02
    assert difference.abs().mean() < 0.02


def test_a_line_of_the_teacher_stays() -> None:
    photo = scene()
    drawn = photo.clone()
    drawn[..., 44:46] -= 0.5
    target = recompose(photo, drawn, PLAIN)
    depth = rgb_to_yuv(photo - target)[0, 0, 48, 44:46].mean()
    assert depth > 0.4


def test_the_brush_flattens_what_the_teacher_left() -> None:
    photo = scene()
    grain = photo + 0.04 * torch.randn(photo.shape, generator=torch.Generator().manual_seed(0))
    drawn, painted = (
        recompose(grain, grain, TargetConfig(brush=brush, light=LightConfig())) for brush in (0, 3)
    )
    assert rgb_to_yuv(painted - photo)[..., 8:40].std() < 0.6 * rgb_to_yuv(drawn - photo)[..., 8:40].std()


def test_faint_texture_goes_and_edges_stay_where_areas_are_made_flat() -> None:
    photo = scene()
    grain = photo + 0.02 * torch.randn(photo.shape, generator=torch.Generator().manual_seed(0))
    drawn, flat = (
        recompose(grain, grain, TargetConfig(flat=flat, light=LightConfig())) for flat in (0, 0.005)
    )
    kept = rgb_to_yuv(drawn)[:, :1].diff(dim=-1).abs()
    left = rgb_to_yuv(flat)[:, :1].diff(dim=-1).abs()
    assert left[..., 8:40].median() < 0.4 * kept[..., 8:40].median()  # the slope of the scene itself is 0.3
    assert left[..., 44:51].sum(-1).mean() > 0.8 * 0.3  # the edge's height


def test_the_light_comes_last() -> None:
    photo = scene() * 0.3
    plain = recompose(photo, photo, PLAIN)
    light = LightConfig(gamma=0.8, saturation=1.3)
    torch.testing.assert_close(recompose(photo, photo, TargetConfig(light=light)), lit(plain, light))


def test_streaks_in_a_flat_sky_are_not_drawn_and_those_at_an_edge_are() -> None:
    photo = torch.zeros(1, 3, 96, 96)
    photo[..., 72:, :] = -0.6
    streaked = photo.clone()
    streaked[..., 10:70, 40:42] -= 0.4
    drawn = photo - recompose(photo, streaked, PLAIN)
    assert drawn[0, 0, 20, 40] < 0.02
    assert drawn[0, 0, 69, 40] > 0.2


def test_guided_filter_keeps_its_guide_and_smooths_noise() -> None:
    guide = scene()[:, :1]
    torch.testing.assert_close(guided_filter(guide, guide, 4, 1e-6), guide, atol=2e-3, rtol=0)
    noise = torch.randn(1, 1, 96, 96, generator=torch.Generator().manual_seed(0))
    assert guided_filter(guide, noise, 8, 1e-1).std() < 0.1 * noise.std()


def test_guided_filter_window_is_cut_at_the_border() -> None:
    # A window of 3 at the corner holds 4 pixels: their mean, since a flat guide makes a = 0.
    x = torch.arange(9.0).view(1, 1, 3, 3)
    out = guided_filter(torch.zeros(1, 1, 3, 3), x, 1, 1.0)
    first = torch.tensor([[2.0, 2.5, 3.0], [3.5, 4.0, 4.5], [5.0, 5.5, 6.0]])  # mean over windows, once
    second = torch.tensor([[3.0, 3.25, 3.5], [3.75, 4.0, 4.25], [4.5, 4.75, 5.0]])  # and of those again
    assert out[0, 0].shape == first.shape
    torch.testing.assert_close(out[0, 0], second)


def test_a_crisp_target_has_steeper_edges_and_the_same_plains() -> None:
    photo = scene() * 0.5
    plain, crisp = (
        recompose(photo, photo, TargetConfig(light=LightConfig(), crisp=crisp)) for crisp in (0.0, 1.0)
    )
    step = [rgb_to_yuv(x)[0, 0, 40, 48] - rgb_to_yuv(x)[0, 0, 40, 47] for x in (plain, crisp)]
    assert step[1] > 1.5 * step[0]
    torch.testing.assert_close(crisp[..., 8:36], plain[..., 8:36], atol=5e-3, rtol=0)
