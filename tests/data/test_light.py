"""A style's own light."""

from __future__ import annotations

import torch

from multitoon.color import rgb_to_yuv
from multitoon.data.light import LightConfig, lit


def ramp() -> torch.Tensor:
    """Gray from black to white, (1, 3, 65, 65)."""
    return torch.linspace(-1, 1, 65).expand(1, 3, 65, 65).clone()


def test_the_defaults_change_nothing() -> None:
    picture = torch.rand(2, 3, 16, 24, generator=torch.Generator().manual_seed(0)) * 2 - 1
    torch.testing.assert_close(lit(picture, LightConfig()), picture, atol=1e-5, rtol=0)


def test_saturation_acts_on_chroma_alone() -> None:
    picture = torch.tensor([0.2, -0.1, 0.0]).view(1, 3, 1, 1).expand(1, 3, 8, 8)
    a, b = rgb_to_yuv(picture), rgb_to_yuv(lit(picture, LightConfig(saturation=1.5)))
    torch.testing.assert_close(b[:, 1:], 1.5 * a[:, 1:], atol=1e-5, rtol=0)
    torch.testing.assert_close(b[:, :1], a[:, :1], atol=1e-5, rtol=0)


def test_shadows_and_lights_take_their_own_tints() -> None:
    tints = LightConfig(shadow_tint=(0.1, 0.0), light_tint=(0.0, 0.05))
    chroma = rgb_to_yuv(lit(ramp() * 0.8, tints))[0, 1:, 32]
    torch.testing.assert_close(chroma[:, 0], torch.tensor([0.09, 0.005]), atol=1e-4, rtol=0)  # l = 0.1
    torch.testing.assert_close(chroma[:, -1], torch.tensor([0.01, 0.045]), atol=1e-4, rtol=0)


def test_gamma_lifts_the_shadows_and_contrast_steepens_the_middle() -> None:
    lifted = lit(ramp(), LightConfig(gamma=0.5))[0, 0, 32]
    torch.testing.assert_close(lifted[[0, 16, 64]], torch.tensor([-1.0, 0.0, 1.0]), atol=1e-5, rtol=0)
    steep = lit(ramp(), LightConfig(contrast=0.4))[0, 0, 32]
    torch.testing.assert_close(steep[[0, 32, 64]], torch.tensor([-1.0, 0.0, 1.0]), atol=1e-5, rtol=0)
    torch.testing.assert_close(steep[33] - steep[31], torch.tensor(1.4 * 2 * 2 / 64), atol=1e-3, rtol=0)


def test_a_lamp_glows_into_the_dark_and_stays_within_range() -> None:
    night = torch.full((1, 3, 64, 64), -0.9)
    night[..., 28:36, 28:36] = 1.0
    glowing = lit(night, LightConfig(glow=1.0))
    assert glowing[0, 0, 32, 40] > night[0, 0, 32, 40] + 0.01
    assert glowing[0, 0, 32, 40] > glowing[0, 0, 32, 50] > glowing[0, 0, 0, 0]
    assert glowing.max() <= 1.0
