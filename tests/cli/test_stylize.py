import json

import numpy as np
import pytest
from PIL import ExifTags, Image

from multitoon.cli.drawing import parse_mix
from multitoon.errors import UnknownNameError
from multitoon.sheet import GAP
from tests.conftest import gradient

pytestmark = pytest.mark.usefixtures("tiny_home")


def test_one_photo(run, photo_file):
    result = run("stylize", photo_file)
    toon = photo_file.with_name("photo.hayao.png")
    assert (result.exit_code, result.stdout, result.stderr) == (0, f"{toon}\n", "")
    with Image.open(toon) as image:
        assert image.size == (67, 45)
        assert image.text["Software"] == "multitoon 0.1.0"
        assert image.text["Style"] == "hayao:1"
        assert image.text["Strength"] == "1"
        assert image.text["Adapter"].startswith("hayao:")
        assert len(image.text["Adapter"]) == len("hayao:") + 12


def test_json(run, photo_file):
    report = json.loads(run("stylize", photo_file, "--json", "--style", "ink").stdout)
    (record,) = report["results"]
    assert (report["done"], report["skipped"], report["failed"]) == (1, 0, 0)
    assert record["output"] == str(photo_file.with_name("photo.ink.png"))
    assert record["status"] == "done"
    assert record["size_wh"] == [67, 45]
    assert record["seconds"] > 0


def test_a_folder_is_mirrored_and_a_second_run_skips(run, photo_file, tmp_path):
    album, out = photo_file.parent, tmp_path / "out"
    (album / "deep").mkdir()
    gradient(20, 30).save(album / "deep" / "b.png")
    result = run("stylize", album, "--recursive", "-o", out)
    assert result.exit_code == 0
    assert sorted(str(p.relative_to(out)) for p in out.rglob("*.png")) == [
        "deep/b.hayao.png",
        "photo.hayao.png",
    ]
    assert "[2/2]" in result.stderr
    assert "2 done, 0 skipped, 0 failed" in result.stderr
    again = run("stylize", album, "-r", "-o", out, "--skip-existing", "--json")
    assert json.loads(again.stdout)["skipped"] == 2
    assert again.exit_code == 0


def test_toons_beside_their_photos_are_not_drawn_again(run, photo_file):
    run("stylize", photo_file.parent)
    result = run("stylize", photo_file.parent, "--style", "ink")
    assert result.stdout == f"{photo_file.with_name('photo.ink.png')}\n"
    assert "Left out 1 toons" in result.stderr


def test_bad_files_do_not_stop_the_others(run, photo_file):
    album = photo_file.parent
    (album / "empty.jpg").write_bytes(b"")
    (album / "text.png").write_text("no picture")
    (album / "cut.jpg").write_bytes(photo_file.read_bytes()[:500])
    result = run("stylize", album, album / "nowhere.jpg")
    assert result.exit_code == 3
    assert result.stdout == f"{photo_file.with_name('photo.hayao.png')}\n"
    for sentence in (
        "empty.jpg is empty (0 bytes).",
        "text.png is not a picture.",
        "nowhere.jpg: no such file.",
    ):
        assert sentence in result.stderr
    assert "cut.jpg is damaged or cut off" in result.stderr
    assert "1 done, 0 skipped, 4 failed" in result.stderr
    assert not [path for path in album.iterdir() if path.name.startswith(".")]


def test_all_failed_is_one(run, tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"")
    result = run("stylize", tmp_path / "a.jpg", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["results"][0]["error"].endswith("a.jpg is empty (0 bytes).")


def test_nothing_is_overwritten_unasked(run, photo_file):
    toon = photo_file.with_name("photo.hayao.png")
    toon.write_bytes(b"mine")
    result = run("stylize", photo_file)
    assert result.exit_code == 1
    assert "exists already.\nHint: Pass --overwrite or --skip-existing." in result.stderr
    assert toon.read_bytes() == b"mine"
    assert run("stylize", photo_file, "--overwrite").exit_code == 0
    assert Image.open(toon).size == (67, 45)


def test_dry_run_writes_nothing(run, photo_file):
    result = run("stylize", photo_file.parent, "--dry-run")
    assert result.exit_code == 0
    assert result.stdout == f"{photo_file} -> {photo_file.with_name('photo.hayao.png')}\n"
    assert (
        json.loads(run("stylize", photo_file, "--dry-run", "--json").stdout)["results"][0]["status"]
        == "planned"
    )
    assert list(photo_file.parent.iterdir()) == [photo_file]


def test_mix_strength_and_metadata(run, photo_file):
    photo = gradient(20, 10)
    data = photo.getexif()
    data[ExifTags.Base.Orientation] = 6
    data[ExifTags.Base.Make] = "Camera"
    photo.save(photo_file, exif=data)
    result = run("stylize", photo_file, "--mix", "hayao:0.6,ink:0.4", "--strength", "0.5", "--format", "jpg")
    assert result.exit_code == 0
    with Image.open(photo_file.with_name("photo.hayao-ink.jpg")) as image:
        assert image.size == (10, 20)
        tags = image.getexif()
        assert tags[ExifTags.Base.Make] == "Camera"
        assert ExifTags.Base.Orientation not in tags
        assert tags[ExifTags.Base.Software].startswith(
            "multitoon 0.1.0; style hayao:0.6,ink:0.4; strength 0.5"
        )


def test_region(run, photo_file, tmp_path):
    mask = Image.new("L", (67, 45), "white")
    mask.save(tmp_path / "mask.png")
    assert run("stylize", photo_file, "--region", f"{tmp_path / 'mask.png'}:ink").exit_code == 0
    assert run("stylize", photo_file, "--style", "ink").exit_code == 0
    everywhere, ink = (
        np.asarray(Image.open(photo_file.with_name(f"photo.{s}.png"))) for s in ("hayao-ink", "ink")
    )
    assert np.abs(everywhere.astype(int) - ink).max() <= 1
    mask.resize((45, 67)).save(tmp_path / "mask.png")
    result = run("stylize", photo_file, "--region", f"{tmp_path / 'mask.png'}:ink", "--overwrite")
    assert result.exit_code == 1
    assert "The mask has 45x67 pixels, the photo 67x45." in result.stderr


def test_all_styles_and_compare(run, photo_file):
    assert run("stylize", photo_file, "--all-styles").exit_code == 0
    assert Image.open(photo_file.with_name("photo.styles.png")).width == 3 * 67 + 4 * GAP
    assert run("stylize", photo_file, "--compare").exit_code == 0
    assert Image.open(photo_file.with_name("photo.hayao.compare.png")).width == 2 * 67 + 3 * GAP


def test_max_size_and_preserve_color(run, photo_file):
    gradient(40, 20).convert("L").save(photo_file)
    assert run("stylize", photo_file, "--max-size", "20", "--preserve-color").exit_code == 0
    toon = np.asarray(Image.open(photo_file.with_name("photo.hayao.png"))).astype(int)
    assert toon.shape == (10, 20, 3)
    assert (toon.max(-1) - toon.min(-1)).max() <= 1


def test_alpha_is_kept_and_a_jpeg_says_that_it_has_none(run, tmp_path):
    photo = gradient(30, 30)
    photo.putalpha(gradient(30, 30).convert("L"))
    photo.save(tmp_path / "a.png")
    run("stylize", tmp_path / "a.png")
    assert Image.open(tmp_path / "a.hayao.png").mode == "RGBA"
    result = run("stylize", tmp_path / "a.png", "--format", "jpg", "--quality", "80")
    assert "a JPEG has no alpha" in result.stderr


def test_an_adapter_by_its_folder(run, photo_file, tiny_home):
    result = run("stylize", photo_file, "--style", tiny_home / "ink")
    assert result.stdout == f"{photo_file.with_name('photo.ink.png')}\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--style", "inc"], "Unknown style 'inc'; known: hayao, ink.\nHint: Did you mean 'ink'?"),
        (["--style", "ink", "--mix", "ink:1"], "--style and --mix exclude each other."),
        (["--mix", "ink"], "'ink' should read STYLE:WEIGHT"),
        (["--mix", "ink:much"], "'ink:much' should read STYLE:WEIGHT"),
        (["--mix", "ink:3"], "The weight of ink is 3.0, must be 0 to 1.5."),
        (["--region", "mask.png"], "'mask.png' should read MASK:STYLE"),
        (["--all-styles", "--compare"], "--all-styles draws every style"),
        (["--overwrite", "--skip-existing"], "--overwrite and --skip-existing exclude each other."),
        (["--strength", "2"], "2.0 is not in the range 0<=x<=1.5"),
        (["--quality", "80"], "--quality has no effect on png"),
        (["--format", "gif"], "'gif' is not one of 'png', 'jpg', 'webp'"),
    ],
)
def test_wrong_usage_is_two(run, photo_file, words, message):
    result = run("stylize", photo_file, *words)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""
    assert list(photo_file.parent.iterdir()) == [photo_file]


def test_no_weights_is_one(run, photo_file, tmp_path, monkeypatch):
    monkeypatch.setenv("MULTITOON_ADAPTERS", str(tmp_path / "none"))
    result = run("stylize", photo_file)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert "config.json" in result.stderr


def test_debug_shows_the_traceback(run, photo_file):
    with pytest.raises(UnknownNameError):
        run("--debug", "stylize", photo_file, "--style", "inc")


def test_parse_mix():
    assert parse_mix("hayao:0.6, ./my:style:0.4") == {"hayao": 0.6, "./my:style": 0.4}
