import sys

import numpy as np
import pytest

from multitoon.data.film import open_film, upright
from multitoon.errors import FilmReadError, MissingExtraError
from tests.clips import RATE, scene, still, write_clip


@pytest.mark.parametrize(
    ("suffix", "codec"),
    [
        (".mp4", "libx264"),
        (".mkv", "libx264"),
        (".webm", "libvpx-vp9"),
        (".avi", "mpeg4"),
        (".ts", "libx264"),
    ],
)
def test_times_in_any_container(tmp_path, suffix, codec):
    path = write_clip(tmp_path / f"film{suffix}", still(1) + still(2), codec=codec)
    with open_film(path) as film:
        times = [seconds for seconds, _ in film.frames()]
        assert times == pytest.approx([i / RATE for i in range(2 * RATE)], abs=2e-3)
        assert film.seconds == pytest.approx(2, abs=0.1)
        part = [seconds for seconds, _ in film.frames(1.0, 1.5)]
        assert part == pytest.approx([1 + i / RATE for i in range(6)], abs=2e-3)


def test_stream_without_times(tmp_path):
    path = write_clip(tmp_path / "film.h264", still(1) + still(2), rate=25)
    with open_film(path) as film:
        assert film.seconds is None
        times = [seconds for seconds, _ in film.frames()]
        assert times == pytest.approx([i / 25 for i in range(len(times))])
        (only,) = film.frames_at([0.8])
        assert only[0] == pytest.approx(0.8)


def test_frames_at_far_and_near_times(tmp_path, monkeypatch):
    monkeypatch.setattr("multitoon.data.film.SEEK_WORTH", 0.5)
    path = write_clip(tmp_path / "film.mp4", [scene(0)] * RATE + [scene(1)] * RATE + [scene(2)] * RATE)
    with open_film(path) as film:
        found = list(film.frames_at([0.25, 0.25, 1.5, 2.5, 9.0]))
        assert [seconds for seconds, _ in found] == pytest.approx([0.25, 0.25, 1.5, 2.5])
        for seed, (_, frame) in zip((0, 0, 1, 2), found, strict=True):
            difference = upright(frame).astype(int) - scene(seed)
            assert np.abs(difference).mean() < 12


def test_upright_turns_and_scales(tmp_path):
    marked = np.zeros((96, 128, 3), np.uint8)
    marked[:48, :64] = (255, 0, 0)
    path = write_clip(tmp_path / "film.mp4", [marked] * 4, rotation=90)
    with open_film(path) as film:
        _, frame = next(film.frames())
        rgb, small = upright(frame), upright(frame, 64)
    assert rgb.shape == (128, 96, 3)
    assert small.shape == (64, 48, 3)
    assert rgb[96, 24, 0] > 200  # counterclockwise: what was upper left is lower left
    assert rgb[32, 24, 0] < 60


@pytest.mark.parametrize("matrix", [None, 1, 5, 9])
def test_colors_by_the_films_own_matrix(tmp_path, matrix):
    red = np.full((96, 128, 3), (200, 60, 30), np.uint8)
    path = write_clip(tmp_path / "film.mp4", [red] * 3, matrix=matrix)
    with open_film(path) as film:
        _, frame = next(film.frames())
        assert np.abs(upright(frame).astype(int) - red).max() <= 4


def test_damaged_packets_are_passed_over(tmp_path):
    path = write_clip(tmp_path / "film.mkv", [scene(i // 6) for i in range(48)])
    data = bytearray(path.read_bytes())
    for place in range(len(data) // 3, len(data) // 2):
        data[place] = (data[place] * 7 + place) % 256
    path.write_bytes(data)
    with open_film(path) as film:
        assert 0 < sum(1 for _ in film.frames()) <= 48


def test_what_is_no_film(tmp_path):
    (tmp_path / "text.mp4").write_text("no film")
    sound_only = tmp_path / "folder"
    sound_only.mkdir()
    for name, message in (("nowhere.mp4", "no such file"), ("text.mp4", "not a readable film")):
        with pytest.raises(FilmReadError, match=message), open_film(tmp_path / name):
            pass
    with pytest.raises(FilmReadError), open_film(sound_only):
        pass


def test_without_pyav(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(MissingExtraError) as caught, open_film(tmp_path / "film.mp4"):
        pass
    assert caught.value.hint == "pip install 'multitoon[video]'"
