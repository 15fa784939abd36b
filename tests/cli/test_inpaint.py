import json

import numpy as np
import pytest
from PIL import ExifTags, Image

from tests.conftest import gradient

pytestmark = pytest.mark.usefixtures("tiny_home")


def test_photo_mode_changes_the_hole_alone(run, photo_file):
    result = run("inpaint", photo_file, "--box", "20,10,12,9", "--photo", "--steps", 1)
    assert result.exit_code == 0, result.stderr
    target = photo_file.with_name("photo.inpaint.png")
    assert result.stdout == f"{target}\n"
    changed = (np.array(Image.open(target)) != np.array(Image.open(photo_file))).any(-1)
    assert changed.any()
    changed[10:19, 20:32] = False
    assert not changed.any()
    assert Image.open(target).getexif()[ExifTags.Base.Software].startswith("multitoon ")


def test_toon_with_report_and_json(run, photo_file, tmp_path):
    report = tmp_path / "loss.json"
    words = ("inpaint", photo_file, "--box", "20,10,12,9", "--style", "ink", "--steps", 1, "--report", report)
    result = run(*words, "--json")
    assert result.exit_code == 0, result.stderr
    record = json.loads(result.stdout)["results"][0]
    assert record["output"].endswith("photo.inpaint.ink.png")
    curve = json.loads(report.read_text())[str(photo_file)]["losses"][0]
    assert len(curve) > 1
    again = run(*words, "--skip-existing")
    assert again.exit_code == 1
    assert "loss.json exists already" in again.stderr


def test_alpha_holes_become_opaque(run, tmp_path):
    image = gradient(50, 40).convert("RGBA")
    image.paste((0, 0, 0, 0), (20, 10, 30, 20))
    image.save(tmp_path / "damaged.png")
    result = run("inpaint", tmp_path / "damaged.png", "--mask", "alpha", "--photo", "--steps", 0)
    assert result.exit_code == 0, result.stderr
    assert Image.open(tmp_path / "damaged.inpaint.png").mode == "RGB"


def test_folder_with_masks_by_name_one_missing(run, tmp_path):
    photos, masks = tmp_path / "photos", tmp_path / "masks"
    photos.mkdir()
    masks.mkdir()
    for name in ("a", "b"):
        gradient(50, 40).save(photos / f"{name}.png")
    mask = Image.new("L", (50, 40), 0)
    mask.paste(255, (20, 10, 30, 20))
    mask.save(masks / "a_mask.png")
    result = run("inpaint", photos, "--mask", masks, "--photo", "--steps", 0, "-o", tmp_path / "clean")
    assert result.exit_code == 3
    assert "holds no mask for b.png" in result.stderr
    assert (tmp_path / "clean" / "a.inpaint.png").exists()


def test_an_empty_mask_gives_the_photo_and_a_note(run, photo_file, tmp_path):
    Image.new("L", (67, 45), 0).save(tmp_path / "mask.png")
    result = run("inpaint", photo_file, "--mask", tmp_path / "mask.png", "--photo")
    assert result.exit_code == 0
    assert "nothing is missing" in result.stderr
    target = photo_file.with_name("photo.inpaint.png")
    assert np.array_equal(np.array(Image.open(target)), np.array(Image.open(photo_file)))


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ((), "Nothing says where the hole is"),
        (("--box", "1,2,3"), "should read X,Y,WIDTH,HEIGHT"),
        (("--box", "1,2,3,3", "--photo", "--style", "ink"), "exclude each other"),
        (("--box", "1,2,3,3", "--invert-mask"), "no effect without --mask"),
    ],
)
def test_wrong_usage_is_2(run, photo_file, words, text):
    result = run("inpaint", photo_file, *words)
    assert result.exit_code == 2
    assert text in result.stderr


def test_bank_is_built_and_used(run, photo_file, tmp_path):
    words = ("inpaint-bank", "--photos", photo_file.parent, "-o", tmp_path / "bank")
    result = run(*words, "--cells", 40, "--json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["cells"] == 40
    again = run(*words)
    assert again.exit_code == 1
    assert "exists already" in again.stderr
    bank = ("--bank", tmp_path / "bank", "--photo", "--steps", 0)
    assert run("inpaint", photo_file, "--random-blocks", 2, *bank).exit_code == 0


def test_bank_without_photos_is_an_error(run, tmp_path):
    result = run("inpaint-bank", "--photos", tmp_path, "-o", tmp_path / "bank")
    assert result.exit_code == 1
    assert "holds no photo named *" in result.stderr
