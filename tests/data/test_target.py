"""Targets: the teacher's drawing without its tint."""

from __future__ import annotations

import torch

from multitoon.color import rgb_to_yuv
from multitoon.data.target import TargetConfig, recompose
from multitoon.filters.guided import guided_filter

PLAIN = TargetConfig(saturation=1.0)


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


def test_saturation_acts_on_chroma_alone() -> None:
    photo = scene() * 0.3
    plain, strong = (recompose(photo, photo, TargetConfig(saturation=s)) for s in (1.0, 1.5))
    a, b = rgb_to_yuv(plain), rgb_to_yuv(strong)
    torch.testing.assert_close(b[:, 1:], 1.5 * a[:, 1:], atol=1e-5, rtol=0)
    torch.testing.assert_close(b[:, :1], a[:, :1], atol=1e-5, rtol=0)


def test_shadows_and_lights_take_their_own_tints() -> None:
    gray = torch.linspace(-0.8, 0.8, 64).expand(1, 3, 64, 64).clone()
    graded = TargetConfig(saturation=1.0, shadow_tint=(0.1, 0.0), light_tint=(0.0, 0.05))
    chroma = rgb_to_yuv(recompose(gray, gray, graded))[0, 1:, 32]
    dark, light = chroma[:, 1], chroma[:, -2]
    torch.testing.assert_close(dark, torch.tensor([0.089, 0.006]), atol=2e-3, rtol=0)  # Y = -0.775
    torch.testing.assert_close(light, torch.tensor([0.011, 0.044]), atol=2e-3, rtol=0)


def test_brightening_spares_black_and_white() -> None:
    gray = torch.linspace(-1, 1, 65).expand(1, 3, 65, 65).clone()
    change = recompose(gray, gray, TargetConfig(saturation=1.0, brighten=0.2)) - gray
    torch.testing.assert_close(
        change[0, 0, 32, [0, 32, 64]], torch.tensor([0.0, 0.2, 0.0]), atol=1e-3, rtol=0
    )


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
