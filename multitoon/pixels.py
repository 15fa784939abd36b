"""Every mode that Pillow opens as 8-bit RGB and alpha, the only kind that the rest of the package sees."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageCms, ImageStat

SIXTEEN_TO_EIGHT = 257
"""65535 / 255: Pillow's own conversion from 16 bits clips at 255 instead of scaling."""


def rgb_and_alpha(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """`image`, of any mode, as an RGB picture and its alpha (mode L), None where all is opaque.

    Transparent pixels hold arbitrary colors, so they are laid over the mean color of what is visible.
    """
    image = _eight_bit(image)
    if not image.has_transparency_data:
        return image if image.mode == "RGB" else image.convert("RGB"), None
    rgba = image.convert("RGBA")
    alpha = rgba.getchannel("A")
    rgb = rgba.convert("RGB")
    if alpha.getextrema()[0] == 255:
        return rgb, None
    visible = ImageStat.Stat(rgb, alpha.point(lambda a: 255 if a else 0))
    mean = tuple(round(v) for v in visible.mean) if visible.count[0] else (128, 128, 128)
    return Image.composite(rgb, Image.new("RGB", rgb.size, mean), alpha), alpha


def without_foreign_profile(image: Image.Image) -> tuple[Image.Image, bytes | None, str]:
    """`image`, the ICC profile that its RGB picture keeps, and a note where a profile had to go.

    A profile for CMYK or gray describes numbers that the toon does not have: the picture is taken through it
    to sRGB once, and goes on without.
    """
    profile = image.info.get("icc_profile") or None
    if profile is None or profile[16:20] == b"RGB ":
        return image, profile, ""
    kind = profile[16:20].decode("latin-1").strip()
    if image.mode not in ("CMYK", "L"):
        return image, None, f"its {kind} color profile does not fit its pixels and was dropped"
    try:
        source, target = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError) as error:
        return image, None, f"its {kind} color profile could not be used ({error})"
    return converted, None, f"converted from its {kind} color profile to sRGB"


def _eight_bit(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # I;16 and its byte orders, and I, which holds 16 bits in 32
        wide = np.asarray(image).clip(0, 65535)
        return Image.fromarray((wide / SIXTEEN_TO_EIGHT).round().astype(np.uint8))
    if image.mode == "F":
        return Image.fromarray((np.nan_to_num(np.asarray(image)).clip(0, 1) * 255).round().astype(np.uint8))
    return image
