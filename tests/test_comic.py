import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from multitoon.comic import album_comic, film_comic, fitted, tell_story
from multitoon.errors import ImageReadError, OutputError, UsageError
from multitoon.panels import GUTTER, MARGIN, PAGE_WH, lay_out
from multitoon.speech import Lettering
from multitoon.subtitles import Line, parse_srt, read_srt, to_line
from tests.clips import scene, still, write_clip

SRT = """1
00:00:00,200 --> 00:00:00,900
Wait!

2
00:00:01,100 --> 00:00:01,800
- Who is <b>there</b>?
- Only the
wind.

3
00:00:03.000 --> 00:00:03.500
{\\an8}<i>Nobody spoke.</i>
"""


def unchanged(image: Image.Image) -> Image.Image:
    return image


def test_srt():
    first, second, third = parse_srt(SRT.replace("\n", "\r\n"))
    assert first == Line(0.2, 0.9, ("Wait!",))
    assert second.parts == ("Who is there?", "Only the wind.")
    assert third == Line(3.0, 3.5, ("Nobody spoke.",), narrated=True)


def test_webvtt_without_hours():
    (line,) = parse_srt("WEBVTT\n\n01:02.500 --> 01:03.000 align:start\nHello &amp; goodbye")
    assert line == Line(62.5, 63.0, ("Hello & goodbye",))


@pytest.mark.parametrize("text", ["[A door closes]", "\u266a la la \u266a", "{\\i1}Far away{\\i0}"])
def test_narrated(text):
    assert to_line(0, 1, text).narrated


def test_subtitles_of_old_and_wrong_files(tmp_path):
    old = tmp_path / "old.srt"
    old.write_bytes("1\n00:00:01,000 --> 00:00:02,000\nDéjà vu".encode("cp1252"))
    assert read_srt(old)[0].parts == ("Déjà vu",)
    (tmp_path / "wrong.srt").write_text("no times")
    with pytest.raises(UsageError, match=r"wrong\.srt holds no subtitles"):
        read_srt(tmp_path / "wrong.srt")


def test_story_keeps_all_lines_in_order():
    lines = [Line(t, t + 1, (f"line {t} " + "x" * 60,)) for t in range(12)]
    scenes = tell_story([2.0, 8.0], lines)
    said = [text for scene in scenes for text, _ in scene.said]
    assert said == [line.parts[0] for line in lines]
    times = [scene.seconds for scene in scenes]
    assert times == sorted(times)
    assert all(len(scene.said) <= 2 for scene in scenes)
    assert {2.0, 8.0} <= set(times)


@pytest.mark.parametrize("aspect", [2.35, 16 / 9, 4 / 3, 1.0, 9 / 16])
@pytest.mark.parametrize("count", [1, 2, 5, 6, 13, 40])
def test_panels_fill_pages_without_overlap(aspect, count):
    pages = lay_out([aspect] * count, header=80)
    panels = [panel for page in pages for panel in page]
    assert [panel.picture for panel in panels] == list(range(count))
    for number, page in enumerate(pages):
        for panel in page:
            assert panel.left >= MARGIN
            assert panel.left + panel.width <= PAGE_WH[0] - MARGIN
            assert panel.top >= MARGIN + (80 if number == 0 else 0)
            assert panel.top + panel.height <= PAGE_WH[1] - MARGIN + 1
            assert 0.3 < (panel.width / panel.height) / min(max(aspect, 0.75), 2.4) < 3
        for a, b in itertools.combinations(page, 2):
            apart = max(
                b.left - a.left - a.width,
                a.left - b.left - b.width,
                b.top - a.top - a.height,
                a.top - b.top - b.height,
            )
            assert apart >= GUTTER - 1
        if number < len(pages) - 1:
            bottom = max(panel.top + panel.height for panel in page)
            assert bottom == pytest.approx(PAGE_WH[1] - MARGIN, abs=2)


def test_grid_varies():
    pages = lay_out([16 / 9] * 60)
    shapes = [tuple((panel.left, panel.width) for panel in page) for page in pages]
    assert len(set(shapes)) > len(shapes) // 2
    assert all(len({panel.width for panel in page}) > 1 for page in pages)


def test_fitted_keeps_what_there_is_to_see():
    wide = Image.new("RGB", (400, 100), "gray")
    wide.paste(Image.fromarray(scene(1, 100, 100)), (280, 0))
    part = fitted(wide, (200, 100))
    assert part.size == (200, 100)
    assert np.asarray(part)[:, 120:].std() > 30
    assert fitted(Image.new("RGB", (7, 300)), (50, 20)).size == (50, 20)


def test_words_stay_in_the_panel_and_shrink():
    words = "It had been raining for eleven days, and nobody spoke of anything else. " * 3
    for size_wh in ((1100, 500), (300, 220), (120, 90)):
        panel = Image.new("RGB", size_wh, "gray")
        Lettering(words).put(panel, [(words, False), ("Yes.", True)])
        pixels = np.asarray(panel)
        assert (pixels == 0).all(-1).any()  # letters
        assert (pixels != 128).any(-1).mean() < 0.9


def test_letters_that_the_font_lacks(monkeypatch):
    monkeypatch.setattr("multitoon.speech.SYSTEM_FONTS", ())
    lettering = Lettering("Déjà — 日本")
    assert "é" in lettering.lacks("é日")
    assert "日" in lettering.lacks("é日")
    lettering.put(Image.new("RGB", (300, 200)), [("Déjà — 日本", False)])
    assert lettering._writable("Déjà — vu") == "Deja - vu"


def test_font_that_is_none(tmp_path):
    with pytest.raises(UsageError, match="is not a font"):
        Lettering("", tmp_path / "nowhere.ttf")


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    lines = [(0.2, 0.9, "Hello."), (1.2, 1.9, "Who is there?"), (2.2, 2.6, "{\\i1}Nobody.{\\i0}")]
    pictures = [picture for seed in range(4) for picture in still(seed)]
    return write_clip(tmp_path_factory.mktemp("film") / "film.mp4", pictures, lines=lines)


def test_film_as_pdf(film, tmp_path):
    target = tmp_path / "comic.pdf"
    told = []
    report = film_comic(
        film, target, ImageOps.invert, panels=4, title="A film", on_progress=lambda *a: told.append(a)
    )
    data = target.read_bytes()
    assert data.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\b", data)) == report.pages == 1
    assert (report.panels, report.lines) == (4, 3)
    assert told[-1] == ("drawing", 4, 4)


def test_film_as_pages_with_words(film, tmp_path):
    film_comic(film, tmp_path / "with", unchanged, panels=4)
    srt = tmp_path / "other.srt"
    srt.write_text("1\n00:01:00,000 --> 00:01:01,000\nToo late.")
    report = film_comic(film, tmp_path / "without", unchanged, panels=4, subtitles=srt)
    assert report.lines == 0
    names = ["with/page_001.png", "without/page_001.png"]
    spoken, silent = (np.asarray(Image.open(tmp_path / name)).astype(int) for name in names)
    assert spoken.shape == (PAGE_WH[1], PAGE_WH[0], 3)
    assert (np.abs(spoken - silent).max(-1) > 60).sum() > 2000


def test_many_pages_of_an_album(tmp_path):
    album = tmp_path / "album"
    album.mkdir()
    for seed in range(11):
        Image.fromarray(scene(seed, *((96, 128) if seed % 3 else (128, 96)))).save(album / f"{seed:02}.png")
    report = album_comic(album, tmp_path / "album.pdf", unchanged)
    assert report.panels == 11
    assert report.pages > 1
    data = (tmp_path / "album.pdf").read_bytes()
    assert data.count(b"DCTDecode") == report.pages


def test_comic_is_replaced_only_when_told(tmp_path):
    album = tmp_path / "album"
    album.mkdir()
    Image.fromarray(scene(0)).save(album / "photo.png")
    for target in (tmp_path / "comic.pdf", tmp_path / "pages"):
        album_comic(album, target, unchanged)
        with pytest.raises(OutputError, match="holds a comic already"):
            album_comic(album, target, unchanged)
    (tmp_path / "pages" / "page_002.png").touch()  # of an earlier, longer comic
    album_comic(album, tmp_path / "pages", unchanged, overwrite=True)
    assert [path.name for path in (tmp_path / "pages").iterdir()] == ["page_001.png"]


def test_stopped_comic_leaves_no_pdf(film, tmp_path):
    def stop(image):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        film_comic(film, tmp_path / "comic.pdf", stop, panels=2)
    assert list(tmp_path.iterdir()) == []


def test_empty_album(tmp_path):
    with pytest.raises(ImageReadError, match="holds no photo"):
        album_comic(tmp_path, Path("comic.pdf"), unchanged)
