from pathlib import Path

import pytest

from multitoon.cli.files import plan
from multitoon.errors import ImageReadError, UsageError
from multitoon.image import write_picture
from tests.conftest import gradient


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """a.jpg, b.PNG, notes.txt, .hidden.jpg and deep/c.webp."""
    folder = tmp_path / "album"
    (folder / "deep").mkdir(parents=True)
    for name in ("a.jpg", "b.PNG", "deep/c.webp", ".hidden.jpg"):
        gradient(8, 8).save(folder / name)
    (folder / "notes.txt").write_text("no photo")
    return folder


def targets(*inputs: Path, **options: object) -> list[str]:
    return [str(job.target) for job in plan(inputs, suffix="hayao", **options).jobs]


def test_beside_the_photo(album):
    assert targets(album / "a.jpg") == [f"{album}/a.hayao.png"]
    assert targets(album) == [f"{album}/a.hayao.png", f"{album}/b.hayao.png"]
    assert targets(album, format="webp")[0] == f"{album}/a.hayao.webp"


def test_mirrored_into_a_folder(album):
    out = album.parent / "out"
    assert targets(album, output=out) == [f"{out}/a.hayao.png", f"{out}/b.hayao.png"]
    assert targets(album, output=out, recursive=True)[-1] == f"{out}/deep/c.hayao.png"
    assert targets(album / "deep" / "c.webp", output=out) == [f"{out}/c.hayao.png"]


def test_a_file_name_for_one_photo(album):
    assert targets(album / "a.jpg", output=Path("x.jpg")) == ["x.jpg"]
    assert targets(album / "a.jpg", album / "b.PNG", output=Path("x.jpg"))[0] == "x.jpg/a.hayao.png"
    with pytest.raises(UsageError, match=r"x\.jpg contradicts --format png"):
        targets(album / "a.jpg", output=Path("x.jpg"), format="png")
    with pytest.raises(UsageError, match="is the photo itself"):
        targets(album / "a.jpg", output=album / "a.jpg")


def test_photos_that_want_one_name_keep_their_suffix(album):
    gradient(8, 8).save(album / "A.png")
    names = [Path(target).name for target in targets(album)]
    assert sorted(names) == ["A.png.hayao.png", "a.jpg.hayao.png", "b.hayao.png"]
    out = album.parent / "out"
    (album / "deep" / "b.PNG").write_bytes((album / "b.PNG").read_bytes())
    both = targets(album / "b.PNG", album / "deep" / "b.PNG", output=out)
    assert both == [f"{out}/b.PNG.hayao.png", f"{out}/b.PNG-2.hayao.png"]


def test_a_photo_named_twice_is_one_job(album):
    assert len(targets(album / "a.jpg", album)) == 2


def test_toons_in_a_folder_are_no_photos(album):
    for style in ("hayao", "ink"):
        write_picture(album / f"a.{style}.png", gradient(8, 8))
    planned = plan([album], suffix="hayao")
    assert [job.source.name for job in planned.jobs] == ["a.jpg", "b.PNG"]
    assert [path.name for path in planned.toons] == ["a.hayao.png", "a.ink.png"]
    assert targets(album / "a.ink.png") == [f"{album}/a.ink.hayao.png"]


def test_a_folder_without_photos(album, tmp_path):
    (tmp_path / "bare").mkdir()
    with pytest.raises(ImageReadError, match=r"bare holds no photo\.") as caught:
        targets(tmp_path / "bare")
    assert "--recursive" in caught.value.hint


def test_a_missing_file_is_a_job_that_will_fail(tmp_path):
    assert targets(tmp_path / "nowhere.jpg") == [f"{tmp_path}/nowhere.hayao.png"]
