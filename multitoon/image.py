"""Files to photos and tensors, and back: nothing lost on the way in, nothing half-written on the way out."""

from __future__ import annotations

import dataclasses
import struct
import warnings
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from PIL import ExifTags, Image, ImageOps, PngImagePlugin, UnidentifiedImageError
from torch import Tensor

from multitoon import __version__
from multitoon.errors import ImageReadError, UnknownNameError, UsageError
from multitoon.pixels import rgb_and_alpha, without_foreign_profile
from multitoon.whole_file import whole_file

FORMATS = {"png": "PNG", "jpg": "JPEG", "jpeg": "JPEG", "webp": "WEBP"}
"""What can be written: the file's suffix, and Pillow's name for it."""
QUALITY = {"JPEG": 92, "WEBP": 90}
"""Default quality of the formats that lose some; at these, lines keep clean edges."""
EXIF_LIMIT = 65_000
"""Bytes of EXIF that fit into a JPEG's one segment of 64 KB."""

DAMAGE = (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, struct.error, zlib.error)
"""What Pillow's decoders raise on damaged files, by experience: not OSError alone."""


@dataclasses.dataclass(frozen=True)
class Photo:
    """A photo as the network wants it, and all that the toon should inherit."""

    rgb: Image.Image
    """Mode RGB, upright; transparent parts lie over the mean color."""
    alpha: Image.Image | None = None
    """Mode L, or None for an opaque photo."""
    icc_profile: bytes | None = None
    """The RGB profile that the numbers are meant in; None means sRGB."""
    exif: bytes = b""
    """EXIF without the orientation, which is applied already."""
    notes: tuple[str, ...] = ()
    """What a user should know about the reading, as parts of a sentence."""
    path: Path | None = None
    """The file that it was read from."""

    @property
    def size_wh(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.rgb.size

    def scaled(self, max_size: int) -> Photo:
        """The photo with its longer side at most `max_size` pixels; a smaller one comes back as it is."""
        if max_size < 1:
            raise UsageError(f"max_size is {max_size}, must be at least 1 pixel.")
        longer = max(self.size_wh)
        if longer <= max_size:
            return self
        size_wh = tuple(max(1, round(side * max_size / longer)) for side in self.size_wh)
        rgb = self.rgb.resize(size_wh, Image.Resampling.LANCZOS)
        alpha = self.alpha and self.alpha.resize(size_wh, Image.Resampling.LANCZOS)
        return dataclasses.replace(self, rgb=rgb, alpha=alpha)

    def finish(self, toon: Image.Image) -> Image.Image:
        """`toon` with this photo's alpha: RGB or RGBA."""
        if self.alpha is None:
            return toon
        toon = toon.copy()
        toon.putalpha(self.alpha)
        return toon


def read_photo(path: str | Path) -> Photo:
    """The picture at `path`: upright, 8-bit RGB, with alpha, color profile and EXIF kept; see `Photo`.

    Raises:
        ImageReadError: no such file, no permission, empty, not a picture, damaged, or of an absurd size.
    """
    path = Path(path)
    try:
        if path.stat().st_size == 0:
            raise ImageReadError(f"{path} is empty (0 bytes).")
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            # Pillow refuses from 179 megapixels on; its warning from 89 on is for servers.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                photo = to_photo(image)
        heard_once = dict.fromkeys(str(warning.message).strip().rstrip(".") for warning in heard)
        return dataclasses.replace(photo, notes=(*photo.notes, *heard_once), path=path)
    except ImageReadError:
        raise
    except FileNotFoundError as error:
        raise ImageReadError(f"{path}: no such file.") from error
    except IsADirectoryError as error:
        raise ImageReadError(f"{path} is a folder, not a picture.") from error
    except PermissionError as error:
        raise ImageReadError(f"{path}: no permission to read it.", "Check its owner and mode.") from error
    except UnidentifiedImageError as error:
        raise ImageReadError(f"{path} is not a picture.", "Convert it to PNG or JPEG first.") from error
    except (Image.DecompressionBombError, MemoryError) as error:
        limit = 2 * (Image.MAX_IMAGE_PIXELS or 0) // 10**6
        raise ImageReadError(
            f"{path} unpacks to more pixels than a photo has (limit {limit} megapixels).",
            "If you trust the file, scale it down first.",
        ) from error
    except DAMAGE as error:
        raise ImageReadError(f"{path} is damaged or cut off ({error}).", "Copy it again.") from error


def to_photo(image: Image.Image) -> Photo:
    """A Pillow picture of any mode as a `Photo`; `image` itself is left as it was.

    Raises:
        OSError, ValueError, ...: whatever Pillow raises while it decodes a damaged file.
    """
    notes = []
    if getattr(image, "is_animated", False) and image.format != "MPO":
        notes.append(f"only the first of {image.n_frames} frames")
    exif = b""
    try:
        upright = ImageOps.exif_transpose(image)
        exif = upright.getexif().tobytes() if upright.getexif() else b""
    except DAMAGE as error:
        upright = image.copy()  # a damaged picture raises here again; damaged EXIF does not
        notes.append(f"its EXIF is damaged ({error}) and was dropped")
    upright, icc_profile, note = without_foreign_profile(upright)
    if note:
        notes.append(note)
    rgb, alpha = rgb_and_alpha(upright)
    return Photo(rgb, alpha, icc_profile, exif, tuple(notes))


def middle_square(image: Image.Image) -> Image.Image:
    """The largest square in the middle of `image`."""
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side))


def to_pixels(image: Image.Image) -> Tensor:
    """An RGB (or L) picture as (1, 3 (or 1), H, W) uint8."""
    array = np.array(image)
    return torch.from_numpy(array.reshape(*array.shape[:2], -1)).permute(2, 0, 1)[None]


def pixels_to_float(pixels: Tensor) -> Tensor:
    """uint8 0..255 as float [-1, 1], the range of all networks here."""
    return pixels.float() / 127.5 - 1


def float_to_pixels(x: Tensor) -> Tensor:
    """Float [-1, 1], clamped to it, as uint8 0..255; the inverse of `pixels_to_float`."""
    return ((x.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)


def to_tensor(image: Image.Image) -> Tensor:
    """An RGB picture as (1, 3, H, W) float in [-1, 1].

    >>> to_tensor(Image.new("RGB", (4, 2), "white")).shape
    torch.Size([1, 3, 2, 4])
    """
    return pixels_to_float(to_pixels(image))


def to_image(x: Tensor) -> Image.Image:
    """(1, 3, H, W) or (3, H, W), uint8 or float in [-1, 1], as an RGB picture."""
    if x.ndim == 4 and x.shape[0] != 1:
        raise UsageError(f"x has shape {tuple(x.shape)}, must be one picture: (1, 3, H, W) or (3, H, W).")
    pixels = x if x.dtype == torch.uint8 else float_to_pixels(x)
    return Image.fromarray(pixels.reshape(3, *x.shape[-2:]).permute(1, 2, 0).contiguous().cpu().numpy())


def format_name(path: str | Path, format: str | None = None) -> str:
    """Pillow's name for what is to be written: `format` where given, else by the suffix of `path`.

    Raises:
        UnknownNameError: not one of `FORMATS`.
    """
    name = (format or Path(path).suffix.lstrip(".")).lower()
    if name not in FORMATS:
        raise UnknownNameError("picture format", name, FORMATS)
    return FORMATS[name]


def write_picture(
    path: str | Path,
    image: Image.Image,
    *,
    photo: Photo | None = None,
    provenance: Mapping[str, str] | None = None,
    format: str | None = None,
    quality: int | None = None,
    overwrite: bool = False,
) -> None:
    """Write `image` (RGB or RGBA) to `path`, whole or not at all, creating folders on the way.

    Args:
        photo: whose color profile and EXIF the file inherits.
        provenance: how the picture was made, such as `{"style": "hayao", "strength": "1"}`. It goes into PNG
            text and, after the name and version of this package, into EXIF's `Software`.
        format: see `FORMATS`; by the suffix of `path` if None. A JPEG has no alpha and is laid on white.
        quality: 1 to 100 for JPEG and WebP; `QUALITY` if None.

    Raises:
        OutputError: the file exists and `overwrite` is false, no permission, disk full, or the format cannot
            hold the picture.
        UsageError: an unknown format, or a quality that it does not have.
    """
    path = Path(path)
    kind = format_name(path, format)
    options = _save_options(kind, quality)
    made_with = {"software": f"multitoon {__version__}", **(provenance or {})}
    options["exif"] = _exif_with(photo.exif if photo else b"", made_with, kind)
    if photo and photo.icc_profile:
        options["icc_profile"] = photo.icc_profile
    if kind == "PNG":
        options["pnginfo"] = PngImagePlugin.PngInfo()
        for key, value in made_with.items():
            options["pnginfo"].add_text(key.capitalize(), value)
    if kind == "JPEG" and image.mode == "RGBA":
        white = Image.new("RGB", image.size, "white")
        image = Image.composite(image.convert("RGB"), white, image.getchannel("A"))
    with whole_file(path, overwrite) as part:
        try:
            image.save(part, format=kind, **options)
        except ValueError as error:  # such as more pixels than the format can hold
            raise OSError(str(error)) from error


def is_toon(path: str | Path) -> bool:
    """Whether the picture at `path` says that it was made by this package; False if it can't be read."""
    try:
        with Image.open(path) as image:
            return str(image.getexif().get(ExifTags.Base.Software, "")).startswith("multitoon ")
    except (*DAMAGE, Image.DecompressionBombError):
        return False


def _save_options(kind: str, quality: int | None) -> dict[str, object]:
    if kind not in QUALITY:
        if quality is not None:
            raise UsageError(f"{kind} has no quality: it loses nothing.", "Use jpg or webp.")
        return {"compress_level": 4}  # 60 % of the time of the default 6, 3 % more bytes
    if quality is not None and not 1 <= quality <= 100:
        raise UsageError(f"quality is {quality}, must be 1 to 100.")
    options = {"quality": quality or QUALITY[kind]}
    # Colored lines blur where chroma has half the resolution.
    return options | {"subsampling": 0} if kind == "JPEG" else options


def _exif_with(exif: bytes, made_with: Mapping[str, str], kind: str) -> bytes:
    tags = Image.Exif()
    tags.load(exif)
    tags[ExifTags.Base.Software] = "; ".join(
        value if key == "software" else f"{key} {value}" for key, value in made_with.items()
    )
    data = tags.tobytes()
    if kind == "JPEG" and len(data) > EXIF_LIMIT:
        # Only a maker note is ever that long, and only its maker can read it.
        tags.get_ifd(ExifTags.IFD.Exif).pop(ExifTags.Base.MakerNote, None)
        data = tags.tobytes()
    return data
