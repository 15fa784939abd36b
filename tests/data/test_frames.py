import json

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from multitoon.data.blur import blur
from multitoon.data.dissolve import is_mixture
from multitoon.data.film import open_film
from multitoon.data.fingerprint import fingerprint
from multitoon.data.frame_folder import clock, save_frames
from multitoon.data.frames import choose, pictures
from multitoon.data.letterbox import Letterbox, cropped
from multitoon.data.titles import no_scene
from multitoon.errors import OutputError, UsageError
from tests.clips import RATE, scene, still, write_clip


def title(text: str = "THE END\nof a film", ground: str = "black") -> np.ndarray:
    image = Image.new("RGB", (128, 96), ground)
    font = ImageFont.load_default(14)
    ImageDraw.Draw(image).multiline_text((64, 48), text, "white", font, anchor="mm", align="center")
    return np.asarray(image)


def blurred(rgb: np.ndarray, radius: float = 5) -> np.ndarray:
    return np.asarray(Image.fromarray(rgb).filter(ImageFilter.GaussianBlur(radius)))


def gray(rgb: np.ndarray) -> np.ndarray:
    return (rgb @ np.array([0.299, 0.587, 0.114], np.float32) / 255).astype(np.float32)


def test_blur_grows_with_the_blur_and_not_with_the_grain():
    picture = gray(scene(3))
    soft = gray(blurred(scene(3), 2))
    grain = np.random.default_rng(0).normal(0, 0.006, soft.shape).astype(np.float32)
    assert blur(picture) < 0.3 < 0.43 < blur(soft + grain)
    assert blur(np.full((20, 20), 0.5, np.float32)) == 1


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        (np.zeros((96, 128, 3)), "black"),
        (np.full((96, 128, 3), 200.0), "blank"),
        (title(), "title"),
        (title("a small\nfilm by\nnobody", "#302010"), "title"),
        (scene(1), None),
        (blurred(scene(1)), None),
    ],
)
def test_no_scene(picture, expected):
    assert no_scene(gray(picture)) == expected


def test_figure_before_the_sky_is_a_scene():
    image = Image.new("RGB", (128, 96), "#a0c0f0")
    ImageDraw.Draw(image).ellipse((50, 30, 70, 50), "black")
    assert no_scene(gray(np.asarray(image))) is None


def test_letterbox_is_what_is_always_dark():
    box = Letterbox()
    for seed in range(20):
        picture = np.zeros((96, 128), np.float32)
        picture[12:84] = gray(scene(seed, 128, 72)) * (seed % 5 > 0)  # some nights
        if seed % 5:
            box.add(picture)
    left, top, right, bottom = box.box()
    assert (left, right) == (0, 1)
    assert top == pytest.approx(13 / 96)
    assert bottom == pytest.approx(83 / 96)
    assert cropped(np.zeros((960, 1280, 3)), box.box()).shape == (700, 1280, 3)
    assert Letterbox().box() == (0, 0, 1, 1)


def test_mixture_of_two_scenes():
    a, b = scene(1).astype(float), scene(2).astype(float)

    def look(rgb):
        return fingerprint(Image.fromarray(rgb.astype(np.uint8)))

    assert is_mixture(look(a), look(0.6 * a + 0.4 * b), look(b))
    assert is_mixture(look(0 * a), look(0.5 * a), look(a))
    assert not is_mixture(look(a), look(a), look(b))
    assert not is_mixture(look(a), look(scene(3)), look(b))


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Black, a title, eight shots (one blurred, two that are repeated), a fade, black; bars of 12 rows."""
    shots = [still(seed) for seed in (1, 2, 3, 1, 4, 2, 5)]
    shots.insert(4, [blurred(scene(9))] * RATE)
    faded = [(frame * (1 - i / 9)).astype(np.uint8) for i, frame in enumerate(still(6, 0.75))]
    frames = [np.zeros((96, 128, 3), np.uint8)] * RATE + [title()] * RATE
    frames += [frame for shot in shots for frame in shot] + faded + [np.zeros((96, 128, 3), np.uint8)] * 6
    barred = [np.pad(frame, ((12, 12), (0, 0), (0, 0))) for frame in frames]
    return write_clip(tmp_path_factory.mktemp("film") / "film.mp4", barred)


def test_choice(film):
    with open_film(film) as opened:
        choice = choose(opened, 100)
    seeds = [int(still.seconds) for still in choice.stills if still.seconds < 10]
    assert seeds == sorted(set(seeds))
    assert {2, 3, 4, 7, 9} & {*seeds} >= {4, 7, 9}  # of those shown twice, one
    assert 5 <= len(choice.stills) <= 6
    assert len(choice.stills) + sum(choice.dropped.values()) == choice.looked_at
    assert choice.dropped["black"] >= 8
    assert choice.dropped["title"] >= 6
    assert choice.dropped["blurred"] >= 1
    assert choice.dropped["nearly the same as another"] >= 2
    left, top, right, bottom = choice.box
    assert (left, right) == (0, 1)
    assert top == pytest.approx(0.1, abs=0.02)
    assert bottom == pytest.approx(0.9, abs=0.02)
    assert choice.shots in range(9, 13)


def test_count_spreads_over_the_film(film):
    with open_film(film) as opened:
        choice = choose(opened, 2)
        found = list(pictures(opened, choice))
    assert len(found) == len(choice.stills) == 2
    first, last = (still.seconds for still, _ in found)
    assert first < 6 < last
    assert all(picture.height < 100 for _, picture in found)


def test_part_of_the_film(film):
    with open_film(film) as opened:
        choice = choose(opened, 10, 4.0, 5.0)
        with pytest.raises(UsageError, match="has no picture from second 60 on"):
            choose(opened, 10, 60.0)
        with pytest.raises(UsageError, match="count is 0"):
            choose(opened, 0)
    assert len(choice.stills) == 1
    assert 4 <= choice.stills[0].seconds < 5


def test_memory_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr("multitoon.data.frames.CANDIDATES", 4)
    path = write_clip(tmp_path / "film.mp4", [frame for seed in range(12) for frame in still(seed, 0.5)])
    with open_film(path) as opened:
        choice = choose(opened, 50)
    assert 2 <= len(choice.stills) <= 4
    assert len(choice.stills) + sum(choice.dropped.values()) == choice.looked_at


def test_folder_with_report_and_metadata(film, tmp_path):
    told = []
    report = save_frames(
        film, tmp_path, 3, size=48, square=True, license="CC0", on_progress=lambda *a: told.append(a)
    )
    names = [frame["file_name"] for frame in report.frames]
    assert len(names) == 3
    assert all(Image.open(tmp_path / name).size == (48, 48) for name in names)
    rows = [json.loads(line) for line in (tmp_path / "metadata.jsonl").read_text().splitlines()]
    assert [row["file_name"] for row in rows] == names
    assert {row["license"] for row in rows} == {"CC0"}
    assert json.loads((tmp_path / "film.frames.json").read_text())["dropped"] == report.dropped
    assert {"looking", "writing"} == {task for task, *_ in told}
    assert told[-1] == ("writing", 3, 3)


def test_second_call_replaces_only_when_told(film, tmp_path):
    save_frames(film, tmp_path, 5)
    own = tmp_path / "own.png"
    Image.new("RGB", (9, 9)).save(own)
    with pytest.raises(OutputError, match=r"holds frames of film\.mp4 already"):
        save_frames(film, tmp_path, 2)
    save_frames(film, tmp_path, 2, overwrite=True)
    assert len(list(tmp_path.glob("film_*.png"))) == 2
    assert len((tmp_path / "metadata.jsonl").read_text().splitlines()) == 2
    assert own.exists()


def test_two_films_in_one_folder(film, tmp_path):
    other = write_clip(tmp_path / "other.mkv", still(20) + still(21))
    out = tmp_path / "frames"
    count = len(save_frames(film, out, 3).frames) + len(save_frames(other, out, 3).frames)
    assert len((out / "metadata.jsonl").read_text().splitlines()) == count == len(list(out.glob("*.png")))


def test_clock():
    assert clock(3725.5) == "01h02m05s500"
    assert clock(59.9996) == "00h01m00s000"
