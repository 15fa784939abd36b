import sys

import numpy as np
import pytest
from PIL import Image

from multitoon.errors import ImageReadError, MissingExtraError
from multitoon.evaluate import clip
from multitoon.evaluate.clip import read_clip
from tests.conftest import gradient


def test_a_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(clip, "MOST", 2)
    for number in range(3):
        gradient(40, 30, seed=number).save(tmp_path / f"{number:03}.png")
    frames = list(read_clip(tmp_path))
    assert [frame.size for frame in frames] == [(256, 256)] * 2


def test_a_video(tmp_path):
    av = pytest.importorskip("av")
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for gray in (40, 200):
            frame = av.VideoFrame.from_image(Image.new("RGB", (64, 48), (gray,) * 3))
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    levels = [np.asarray(frame).mean() for frame in read_clip(path)]
    assert levels == pytest.approx([40, 200], abs=4)


def test_no_video(tmp_path, monkeypatch):
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"no")
    pytest.importorskip("av")
    with pytest.raises(ImageReadError, match=r"clip\.mp4 is not a video that can be read"):
        list(read_clip(path))
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(MissingExtraError, match="Reading a video"):
        list(read_clip(path))
