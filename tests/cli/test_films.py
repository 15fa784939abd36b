"""`multitoon frames`, `video` and `comic`."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from multitoon.cli import main
from multitoon.cli.film_time import FilmTime
from tests.clips import still, write_clip


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    lines = [(0.2, 0.9, "Hello.")]
    pictures = [picture for seed in range(3) for picture in still(seed)]
    return write_clip(tmp_path_factory.mktemp("film") / "film.mp4", pictures, sound=True, lines=lines)


def test_frames(run, film, tmp_path):
    result = run("frames", film, "--out", tmp_path / "out", "--count", 2, "--size", 64)
    assert result.exit_code == 0
    assert result.stdout == f"{tmp_path / 'out'}\n"
    assert "Looked at" in result.stderr
    assert "taken, from 0:0" in result.stderr
    again = run("frames", film, "--out", tmp_path / "out", "--json")
    assert again.exit_code == 1
    assert "holds frames of film.mp4 already" in again.stderr
    replaced = run("frames", film, "--out", tmp_path / "out", "--overwrite", "--json")
    assert len(json.loads(replaced.stdout)["frames"]) == 3


def test_frames_of_a_black_film(run, tmp_path):
    film = write_clip(tmp_path / "black.mp4", [np.zeros((64, 64, 3), np.uint8)] * 12)
    result = run("frames", film, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "No frame is left" in result.stderr
    assert not list(tmp_path.rglob("*.png"))


def test_video(run, film, tiny_home, tmp_path):
    target = tmp_path / "toon.mp4"
    words = ("video", film, "-o", target, "--style", "ink", "--duration", "0.5", "--max-size", 64)
    result = run(*words)
    assert result.exit_code == 0
    assert result.stdout == f"{target}\n"
    assert "Copied: audio aac, subtitle mov_text." in result.stderr
    assert "exists already" in run(*words).stderr
    report = json.loads(run(*words, "--overwrite", "--steady", "--json").stdout)
    assert (report["frames"], report["size_wh"]) == (6, [64, 48])


def test_video_without_a_name_lies_beside_the_film(run, film, tiny_home):
    result = run("video", film, "--duration", "0.2", "--mix", "hayao:0.5,ink:0.5", "--strength", 0.5)
    assert result.exit_code == 0
    assert (film.parent / "film.hayao-ink.mp4").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--style", "hayao", "--mix", "ink:1"), "exclude each other"),
        (("--style", "hayyo"), "Unknown style 'hayyo'"),
        (("-o", "toon.gif"), "Unknown kind of film"),
    ],
)
def test_video_usage(run, film, tiny_home, words, message):
    result = run("video", film, *words)
    assert result.exit_code == 2
    assert message in result.stderr


def test_video_of_what_is_none(run, tiny_home, tmp_path):
    result = run("video", tmp_path / "nowhere.mp4")
    assert result.exit_code == 1
    assert "nowhere.mp4: no such file" in result.stderr


def test_comic(run, film, tiny_home, tmp_path):
    result = run("comic", film, "-o", tmp_path / "comic.pdf", "--panels", 3, "--style", "ink", "--title", "A")
    assert result.exit_code == 0
    assert "3 panels on 1 pages, 1 subtitles." in result.stderr
    assert (tmp_path / "comic.pdf").read_bytes().startswith(b"%PDF")


def test_comic_of_an_album(run, photo_file, tiny_home):
    result = run("comic", photo_file.parent, "--json")
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert report["panels"] == report["pages"] == 1
    assert report["output"].endswith("album.hayao.pdf")
    wrong = run("comic", photo_file.parent, "--panels", 3)
    assert wrong.exit_code == 2
    assert "are for films" in wrong.stderr


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("1:30", 90), ("1:02:03.5", 3723.5)])
def test_times(text, seconds):
    assert FilmTime().convert(text, None, None) == seconds


@pytest.mark.parametrize("text", ["-1", "1:2:3:4", "soon", "nan", ""])
def test_times_that_are_none(text):
    result = CliRunner().invoke(main, ["frames", "film.mp4", "--out", "x", f"--start={text}"])
    assert result.exit_code == 2
    assert "should read 90, 1:30 or 1:02:03.5" in result.stderr
