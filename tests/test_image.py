import errno
import resource
import struct
import zlib

import numpy as np
import pytest
import torch
from PIL import ExifTags, Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from multitoon.errors import ImageReadError, OutputError, UnknownNameError, UsageError
from multitoon.image import (
    Photo,
    is_toon,
    read_photo,
    to_image,
    to_photo,
    to_tensor,
    write_picture,
)
from tests.conftest import gradient

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def exif(orientation: int = 1, **tags: object) -> Image.Exif:
    data = Image.Exif()
    data[ExifTags.Base.Orientation] = orientation
    for name, value in tags.items():
        data[ExifTags.Base[name]] = value
    return data


# --- reading ---


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied_and_removed(tmp_path, orientation):
    upright = Image.new("RGB", (40, 20), "blue")
    upright.paste("red", (0, 0, 20, 10))  # the top left quarter
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # Image.Transpose that a camera would have applied
    stored = upright if orientation == 1 else upright.transpose(Image.Transpose(undo[orientation]))
    stored.save(tmp_path / "a.png", exif=exif(orientation, Make="Camera"))
    photo = read_photo(tmp_path / "a.png")
    assert photo.size_wh == (40, 20)
    assert photo.rgb.getpixel((2, 2)) == (255, 0, 0)
    assert photo.rgb.getpixel((37, 17)) == (0, 0, 255)
    kept = Image.Exif()
    kept.load(photo.exif)
    assert kept.get(ExifTags.Base.Orientation, 1) == 1
    assert kept[ExifTags.Base.Make] == "Camera"


def test_sixteen_bits_are_scaled(tmp_path):
    ramp = np.linspace(0, 65535, 256).round().astype(np.uint16).reshape(16, 16)
    Image.fromarray(ramp).save(tmp_path / "a.png")
    Image.fromarray(ramp).save(tmp_path / "a.tif")
    for name in ("a.png", "a.tif"):
        photo = read_photo(tmp_path / name)
        assert np.array_equal(np.asarray(photo.rgb)[..., 1], np.arange(256).reshape(16, 16))


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "YCbCr", "HSV", "LAB", "F", "I"])
def test_modes_become_rgb(mode):
    photo = to_photo(Image.new("RGB", (5, 4), "white").convert("L" if mode in "FI" else "RGB").convert(mode))
    assert photo.rgb.mode == "RGB"
    assert photo.alpha is None
    assert mode in "FI" or min(photo.rgb.getpixel((0, 0))) >= 253


def test_cmyk_jpeg(tmp_path):
    Image.new("CMYK", (8, 8), (0, 255, 255, 0)).save(tmp_path / "a.jpg", quality=95)
    red, green, blue = read_photo(tmp_path / "a.jpg").rgb.getpixel((4, 4))
    assert red > 245
    assert max(green, blue) < 10


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_alpha_is_kept_and_hidden_colors_are_not_seen(mode):
    image = Image.new("RGBA", (8, 8), (200, 200, 200, 255))
    image.paste((0, 0, 0, 0), (0, 0, 4, 8))
    photo = to_photo(image.convert(mode))
    assert photo.alpha.getpixel((0, 0)) == 0
    assert photo.alpha.getpixel((7, 7)) == 255
    assert photo.rgb.getpixel((0, 0)) == (200, 200, 200)  # the mean of what is visible
    assert photo.finish(photo.rgb).mode == "RGBA"


def test_palette_with_transparency(tmp_path):
    image = Image.new("P", (4, 4), 1)
    image.putpalette([255, 0, 0, 0, 255, 0])
    image.putpixel((0, 0), 0)
    image.save(tmp_path / "a.png", transparency=0)
    photo = read_photo(tmp_path / "a.png")
    assert photo.alpha.getpixel((0, 0)) == 0
    assert photo.rgb.getpixel((3, 3)) == (0, 255, 0)


def test_opaque_alpha_and_fully_transparent_pictures():
    assert to_photo(Image.new("RGBA", (3, 3), "red")).alpha is None
    assert to_photo(Image.new("RGBA", (3, 3), (9, 9, 9, 0))).rgb.getpixel((0, 0)) == (128, 128, 128)


def test_animated_gif_gives_its_first_frame_and_a_note(tmp_path):
    frames = [Image.new("RGB", (6, 6), color) for color in ("red", "blue", "lime")]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    photo = read_photo(tmp_path / "a.gif")
    assert photo.rgb.getpixel((3, 3)) == (255, 0, 0)
    assert photo.notes == ("only the first of 3 frames",)


def test_rgb_profile_is_kept_and_a_gray_one_applied(tmp_path):
    gradient(8, 8).save(tmp_path / "a.png", icc_profile=SRGB)
    assert read_photo(tmp_path / "a.png").icc_profile == SRGB
    gray = SRGB[:16] + b"GRAY" + SRGB[20:]  # claims gray, holds RGB curves: unusable
    image = Image.new("L", (8, 8), 100)
    image.info["icc_profile"] = gray
    photo = to_photo(image)
    assert photo.icc_profile is None
    assert "GRAY color profile" in photo.notes[0]


def test_damaged_exif_is_dropped_with_a_note(tmp_path):
    gradient(8, 8).save(tmp_path / "a.jpg", exif=b"Exif\0\0no TIFF header")
    photo = read_photo(tmp_path / "a.jpg")
    assert photo.size_wh == (8, 8)
    assert photo.exif == b""
    assert photo.notes[0].startswith("its EXIF is damaged")


def test_scaled_keeps_the_aspect_and_never_enlarges():
    photo = Photo(gradient(100, 40), Image.new("L", (100, 40)))
    assert photo.scaled(50).size_wh == (50, 20)
    assert photo.scaled(50).alpha.size == (50, 20)
    assert photo.scaled(100) is photo
    assert Photo(gradient(300, 1)).scaled(10).size_wh == (10, 1)
    with pytest.raises(UsageError, match="max_size is 0, must be at least 1"):
        photo.scaled(0)


# --- what cannot be read: one sentence each ---


def bomb() -> bytes:
    """A PNG of 60,000 x 60,000 pixels in a hundred bytes."""
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def test_unreadable_files(tmp_path):
    gradient(300, 300).save(tmp_path / "whole.jpg")
    gradient(300, 300).save(tmp_path / "whole.png")
    (tmp_path / "cut.jpg").write_bytes((tmp_path / "whole.jpg").read_bytes()[:3000])
    (tmp_path / "cut.png").write_bytes((tmp_path / "whole.png").read_bytes()[:3000])
    (tmp_path / "empty.jpg").write_bytes(b"")
    (tmp_path / "text.jpg").write_text("no picture at all")
    (tmp_path / "bomb.png").write_bytes(bomb())
    expected = {
        "cut.jpg": "damaged or cut off",
        "cut.png": "damaged or cut off",
        "empty.jpg": "is empty (0 bytes).",
        "text.jpg": "is not a picture.",
        "bomb.png": "unpacks to more pixels than a photo has (limit 178 megapixels).",
        "nowhere.jpg": "no such file.",
        ".": "is a folder, not a picture.",
    }
    for name, message in expected.items():
        with pytest.raises(ImageReadError) as caught:
            read_photo(tmp_path / name)
        assert message in str(caught.value)
        assert "\n" not in str(caught.value)


def test_no_permission(tmp_path, monkeypatch):
    gradient(8, 8).save(tmp_path / "a.png")

    def refuse(*_: object) -> None:  # the superuser may read any file, so chmod would not do
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Image, "open", refuse)
    with pytest.raises(ImageReadError, match="no permission to read it"):
        read_photo(tmp_path / "a.png")


@pytest.mark.parametrize("suffix", ["jpg", "png", "gif", "webp", "tif", "bmp"])
def test_damaged_bytes_never_escape_as_another_error(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    gradient(48, 48).save(path)
    whole = bytearray(path.read_bytes())
    random = np.random.default_rng(0)
    for _ in range(40):
        damaged = bytearray(whole)
        for at in random.integers(0, len(whole), 12):
            damaged[at] = random.integers(256)
        path.write_bytes(damaged[: random.integers(len(whole) // 2, len(whole) + 1)])
        try:
            assert read_photo(path).rgb.mode == "RGB"
        except ImageReadError as error:
            assert "\n" not in str(error)  # noqa: PT017


# --- tensors ---


def test_tensor_shape_range_and_back():
    image = gradient(7, 5)
    x = to_tensor(image)
    assert x.shape == (1, 3, 5, 7)
    assert x.min() >= -1
    assert x.max() <= 1
    assert np.array_equal(np.asarray(to_image(x)), np.asarray(image))


def test_to_image_clamps_and_takes_one_picture():
    x = torch.tensor([-3.0, 0.0, 3.0]).view(3, 1, 1)
    assert to_image(x).getpixel((0, 0)) == (0, 128, 255)
    with pytest.raises(UsageError, match="must be one picture"):
        to_image(torch.zeros(2, 3, 4, 4))


# --- writing ---


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_written_file_holds_profile_exif_and_provenance(tmp_path, suffix):
    photo = Photo(gradient(16, 12), None, SRGB, exif(Make="Camera", Software="Phone 1").tobytes())
    path = tmp_path / "deep" / f"a.{suffix}"
    write_picture(path, photo.rgb, photo=photo, provenance={"style": "hayao:1", "strength": "0.8"})
    with Image.open(path) as image:
        assert image.size == (16, 12)
        assert image.info["icc_profile"] == SRGB
        assert image.getexif()[ExifTags.Base.Make] == "Camera"
        assert image.getexif()[ExifTags.Base.Software] == "multitoon 0.1.0; style hayao:1; strength 0.8"
        if suffix == "png":
            assert image.text == {"Software": "multitoon 0.1.0", "Style": "hayao:1", "Strength": "0.8"}
    assert is_toon(path)
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_a_photo_is_no_toon(tmp_path, photo_file):
    (tmp_path / "text.png").write_text("nothing")
    assert not is_toon(photo_file)
    assert not is_toon(tmp_path / "text.png")


def test_alpha_survives_png_and_lies_on_white_in_jpeg(tmp_path):
    image = Image.new("RGBA", (8, 8), (10, 20, 30, 0))
    write_picture(tmp_path / "a.png", image)
    write_picture(tmp_path / "a.jpg", image)
    assert Image.open(tmp_path / "a.png").getpixel((0, 0)) == (10, 20, 30, 0)
    assert min(Image.open(tmp_path / "a.jpg").getpixel((0, 0))) > 250


def test_a_long_maker_note_does_not_stop_a_jpeg(tmp_path):
    data = exif(Make="Camera")
    data.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.MakerNote] = b"x" * 70_000
    photo = Photo(gradient(8, 8), exif=data.tobytes())
    write_picture(tmp_path / "a.jpg", photo.rgb, photo=photo)
    assert Image.open(tmp_path / "a.jpg").getexif()[ExifTags.Base.Make] == "Camera"


def test_nothing_is_overwritten_unasked(tmp_path):
    (tmp_path / "a.png").write_bytes(b"mine")
    with pytest.raises(OutputError, match=r"a\.png exists already\.") as caught:
        write_picture(tmp_path / "a.png", gradient(4, 4))
    assert "--overwrite" in caught.value.hint
    assert (tmp_path / "a.png").read_bytes() == b"mine"
    write_picture(tmp_path / "a.png", gradient(4, 4), overwrite=True)
    assert Image.open(tmp_path / "a.png").size == (4, 4)


def test_a_full_disk_leaves_nothing_half_written(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        with pytest.raises(OutputError, match=r"a\.png could not be written: File too large\."):
            write_picture(path, gradient(400, 400), overwrite=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="could not be written: "):
        write_picture(tmp_path / "file" / "a.png", gradient(4, 4))


def test_formats_and_quality(tmp_path):
    with pytest.raises(UnknownNameError, match="Unknown picture format 'jpgg'; known: jpeg, jpg, png, webp"):
        write_picture(tmp_path / "a.jpgg", gradient(4, 4))
    with pytest.raises(UsageError, match="PNG has no quality"):
        write_picture(tmp_path / "a.png", gradient(4, 4), quality=80)
    with pytest.raises(UsageError, match="quality is 0, must be 1 to 100"):
        write_picture(tmp_path / "a.jpg", gradient(4, 4), quality=0)
    with pytest.raises(OutputError, match="could not be written"):
        write_picture(tmp_path / "a.webp", Image.new("RGB", (20_000, 1)))
    assert list(tmp_path.iterdir()) == []


def test_png_text_of_the_source_is_not_mistaken_for_ours(tmp_path):
    info = PngInfo()
    info.add_text("Comment", "private")
    gradient(4, 4).save(tmp_path / "a.png", pnginfo=info)
    photo = read_photo(tmp_path / "a.png")
    write_picture(tmp_path / "b.png", photo.rgb, photo=photo)
    assert "Comment" not in Image.open(tmp_path / "b.png").text
