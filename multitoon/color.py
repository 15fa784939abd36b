"""Color spaces, the difference that eyes see, and the photo's colors under the toon's light and shade."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

# ITU-R BT.601: Y = Kr R + Kg G + Kb B, U = 0.436 (B - Y) / (1 - Kb), V = 0.615 (R - Y) / (1 - Kr).
_KR, _KG, _KB = 0.299, 0.587, 0.114
_U, _V = 0.436 / (1 - _KB), 0.615 / (1 - _KR)
_YUV_FROM_RGB = (
    (_KR, _KG, _KB),
    (-_U * _KR, -_U * _KG, _U * (1 - _KB)),
    (_V * (1 - _KR), -_V * _KG, -_V * _KB),
)
_RGB_FROM_YUV = torch.tensor(_YUV_FROM_RGB, dtype=torch.float64).inverse().tolist()
# IEC 61966-2-1 (sRGB) to CIE XYZ under D65, each row already divided by the white point.
_XYZ_FROM_RGB = (
    (0.412453 / 0.950456, 0.357580 / 0.950456, 0.180423 / 0.950456),
    (0.212671, 0.715160, 0.072169),
    (0.019334 / 1.088754, 0.119193 / 1.088754, 0.950227 / 1.088754),
)


def rgb_to_yuv(x: Tensor) -> Tensor:
    """BT.601 Y, U, V of `x` (B, 3, H, W) in [-1, 1]: Y in [-1, 1], |U| <= 0.872, |V| <= 1.230.

    U and V are 0 for gray.

    >>> rgb_to_yuv(torch.ones(1, 3, 1, 1)).flatten().round(decimals=3).tolist()
    [1.0, 0.0, 0.0]
    """
    return _mixed(x, _YUV_FROM_RGB)


def luma(x: Tensor) -> Tensor:
    """The Y of `rgb_to_yuv` alone, (B, 1, H, W) in [-1, 1]."""
    r, g, b = x.split(1, 1)
    return _KR * r + _KG * g + _KB * b


def faded(x: Tensor, share: float | Tensor) -> Tensor:
    """`x` (B, 3, H, W) in [-1, 1] with `share` of its chroma gone; the luminance is kept.

    `share` is a number, or a map that broadcasts to (B, 1, H, W).

    >>> faded(torch.tensor([1.0, 0.0, 0.0]).view(1, 3, 1, 1), 1.0).flatten().round(decimals=3).tolist()
    [0.299, 0.299, 0.299]
    """
    if not isinstance(share, Tensor) and share == 0:
        return x
    return x + share * (luma(x) - x)


def yuv_to_rgb(x: Tensor) -> Tensor:
    """The inverse of `rgb_to_yuv`; what lies outside [-1, 1] is left there."""
    return _mixed(x, _RGB_FROM_YUV)


def keep_color(toon: Tensor, photo: Tensor) -> Tensor:
    """The photo's chroma with the toon's luminance, (B, 3, H, W) in [-1, 1].

    Where the two do not fit into RGB together, chroma fades toward gray until they do: the luminance, which
    carries lines and shades, is the toon's everywhere.
    """
    y = luma(toon).clamp(-1, 1)  # (B, 1, H, W)
    chroma = rgb_to_yuv(photo).clone()
    chroma[:, :1] = 0
    offset = yuv_to_rgb(chroma)  # what the photo adds to its gray, (B, 3, H, W)
    tiny = torch.finfo(offset.dtype).tiny
    room_above = (1 - y) / offset.amax(1, keepdim=True).clamp_min(tiny)
    room_below = (1 + y) / (-offset).amax(1, keepdim=True).clamp_min(tiny)
    return y + offset * torch.minimum(room_above, room_below).clamp_max(1)


def rgb_to_lab(x: Tensor) -> Tensor:
    """CIE L*a*b* (D65) of sRGB `x` (B, 3, H, W) in [-1, 1]: L in [0, 100], a and b within about 110 of 0.

    >>> rgb_to_lab(torch.ones(1, 3, 1, 1)).flatten().abs().round(decimals=2).tolist()
    [100.0, 0.0, 0.0]
    """
    srgb = (x + 1) / 2
    # The power is taken of a clamped value: NaN from a negative base would survive `where` in the gradient.
    linear = torch.where(srgb <= 0.04045, srgb / 12.92, ((srgb.clamp_min(0.04045) + 0.055) / 1.055) ** 2.4)
    xyz = _mixed(linear, _XYZ_FROM_RGB)
    delta = 6 / 29
    f = torch.where(xyz > delta**3, xyz.clamp_min(delta**3) ** (1 / 3), xyz / (3 * delta**2) + 4 / 29)
    fx, fy, fz = f.unbind(1)
    return torch.stack([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)], 1)


def delta_e_2000(lab_1: Tensor, lab_2: Tensor) -> Tensor:
    """CIEDE2000 between two L*a*b* pictures (B, 3, H, W), as (B, 1, H, W); 1 is about what an eye can see.

    The equations are numbered as in Sharma, Wu, Dalal 2005, "The CIEDE2000 Color-Difference Formula", with
    k_L = k_C = k_H = 1.
    """
    l1, a1, b1 = lab_1.double().split(1, 1)
    l2, a2, b2 = lab_2.double().split(1, 1)
    mean_c7 = ((torch.hypot(a1, b1) + torch.hypot(a2, b2)) / 2) ** 7  # eq. 2, 3
    g = 0.5 * (1 - (mean_c7 / (mean_c7 + 25.0**7)).sqrt())  # eq. 4
    a1, a2 = (1 + g) * a1, (1 + g) * a2  # eq. 5
    c1, c2 = torch.hypot(a1, b1), torch.hypot(a2, b2)  # eq. 6
    h1, h2 = _hue(a1, b1), _hue(a2, b2)  # eq. 7

    both = (c1 * c2) != 0
    turn = h2 - h1
    turn = torch.where(turn > 180, turn - 360, torch.where(turn < -180, turn + 360, turn)) * both  # eq. 10
    d_l, d_c = l2 - l1, c2 - c1  # eq. 8, 9
    d_h = 2 * (c1 * c2).sqrt() * torch.sin(torch.deg2rad(turn / 2))  # eq. 11

    mean_l, mean_c = (l1 + l2) / 2, (c1 + c2) / 2  # eq. 12, 13
    total = h1 + h2
    wrapped = torch.where(total < 360, total + 360, total - 360)
    far = (h1 - h2).abs() > 180
    mean_h = torch.where(both, torch.where(far, wrapped, total) / 2, total)  # eq. 14

    t = (
        1
        - 0.17 * _cos(mean_h - 30)
        + 0.24 * _cos(2 * mean_h)
        + 0.32 * _cos(3 * mean_h + 6)
        - 0.20 * _cos(4 * mean_h - 63)
    )  # eq. 15
    d_theta = 30 * torch.exp(-(((mean_h - 275) / 25) ** 2))  # eq. 16
    r_c = 2 * (mean_c**7 / (mean_c**7 + 25.0**7)).sqrt()  # eq. 17
    s_l = 1 + 0.015 * (mean_l - 50) ** 2 / (20 + (mean_l - 50) ** 2).sqrt()  # eq. 18
    s_c = 1 + 0.045 * mean_c  # eq. 19
    s_h = 1 + 0.015 * mean_c * t  # eq. 20
    r_t = -torch.sin(torch.deg2rad(2 * d_theta)) * r_c  # eq. 21
    l, c, h = d_l / s_l, d_c / s_c, d_h / s_h  # noqa: E741
    # Rounding can leave a square a hair below zero where the two colors are equal.
    return (l**2 + c**2 + h**2 + r_t * c * h).clamp_min(0).sqrt().to(lab_1.dtype)  # eq. 22


def _hue(a: Tensor, b: Tensor) -> Tensor:
    return torch.rad2deg(torch.atan2(b, a)).remainder(360)


def _cos(degrees: Tensor) -> Tensor:
    return torch.cos(torch.deg2rad(degrees))


def _mixed(x: Tensor, matrix: Sequence[Sequence[float]]) -> Tensor:
    """Each pixel of `x` (B, 3, H, W) times a 3 x 3 matrix."""
    # Written out: a matrix product would run in bfloat16 under autocast, and these feed losses.
    r, g, b = x.unbind(1)
    return torch.stack([row[0] * r + row[1] * g + row[2] * b for row in matrix], 1)
