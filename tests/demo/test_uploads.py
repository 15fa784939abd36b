import io
import struct
import zlib
from functools import partial

import gradio as gr
import pytest
from PIL import Image

from multitoon.demo.uploads import photo_input, read_upload, spoken
from multitoon.errors import ImageReadError, UsageError
from tests.conftest import gradient


def png_of(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that claims to be `width` x `height` pixels, all black."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


def truncated() -> bytes:
    buffer = io.BytesIO()
    gradient(64, 64).save(buffer, "PNG")
    return buffer.getvalue()[:2000]


REFUSED = {
    "letter.jpg": (b"Dear all, this is no picture.", r"letter\.jpg is not a picture"),
    "empty.png": (b"", r"empty\.png is empty"),
    "cut.png": (truncated(), r"cut\.png is damaged or cut off"),
    "drawing.svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", r"drawing\.svg is not a picture"),
    "large.png": (png_of(2000, 2000), r"large\.png has 4 megapixels; this page draws up to 1"),
    "bomb.png": (png_of(60000, 60000), r"bomb\.png unpacks to more pixels than a photo has"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_by_its_own_name(tmp_path, name):
    content, words = REFUSED[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ImageReadError, match=words) as error:
        read_upload(tmp_path / name, 1)
    assert str(tmp_path) not in str(error.value)


def test_a_photo_that_was_deleted_meanwhile(tmp_path):
    with pytest.raises(ImageReadError, match=r"gone\.jpg is no longer here"):
        read_upload(tmp_path / "gone.jpg")


def test_sixteen_bits_cmyk_rotation_and_animation_are_read(tmp_path):
    Image.new("I;16", (8, 6), 65535).save(tmp_path / "deep.png")
    assert read_upload(tmp_path / "deep.png").rgb.getpixel((0, 0)) == (255, 255, 255)
    Image.new("CMYK", (8, 6)).save(tmp_path / "print.jpg")
    assert read_upload(tmp_path / "print.jpg").rgb.getpixel((0, 0)) == (255, 255, 255)
    exif = Image.Exif()
    exif[274] = 6
    gradient(8, 6).save(tmp_path / "turned.jpg", exif=exif)
    assert read_upload(tmp_path / "turned.jpg").size_wh == (6, 8)


def test_an_animation_is_its_first_frame_with_a_warning(tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr(gr, "Warning", lambda text, **_: said.append(text))
    frames = [Image.new("RGB", (8, 6), color) for color in ("red", "blue")]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    assert read_upload(tmp_path / "moving.gif").rgb.getpixel((0, 0)) == (255, 0, 0)
    assert said == ["moving.gif: only the first of 2 frames."]


def test_errors_become_sentences_and_others_stay():
    def fail(error: Exception) -> None:
        raise error

    with pytest.raises(gr.Error, match=r"That is wrong\. Do this\.") as caught:
        spoken(partial(fail, UsageError("That is wrong.", "Do this.")))()
    assert caught.value.print_exception is False
    with pytest.raises(ZeroDivisionError):
        spoken(partial(fail, ZeroDivisionError()))()


def test_errors_of_a_generator_become_sentences():
    def count():
        yield 1
        raise UsageError("Enough.")

    values = spoken(count)()
    assert next(values) == 1
    with pytest.raises(gr.Error, match="Enough"):
        next(values)


def test_the_photo_input_hands_on_the_file_unopened(tmp_path):
    (tmp_path / "letter.jpg").write_text("no picture")
    with gr.Blocks():
        component = photo_input("photo")
    payload = component.data_model(path=str(tmp_path / "letter.jpg"))
    assert component.preprocess(payload) == str(tmp_path / "letter.jpg")
    assert component.preprocess(None) is None
