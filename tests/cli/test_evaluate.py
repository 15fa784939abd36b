import json

import pytest

from tests.conftest import gradient


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for seed in range(2):
        gradient(256, 256, seed=seed).save(folder / f"photo{seed}.png")
    return folder


def test_json(run, tiny_home, photos):
    words = ("evaluate", "--style", "hayao", "--photos", photos, "--teacher-toons", photos, "--json")
    result = run(*words)
    assert result.exit_code == 0, result.stderr
    report = json.loads(result.stdout)
    assert (report["toons"], report["pictures"], report["style"]) == ("hayao", 2, None)
    assert set(report["teacher"]["detail"]) == {"toon", "photo", "covered"}
    assert "[2/2]" in result.stderr


def test_table(run, photos):
    result = run("evaluate", "--toons", photos, "--photos", photos)
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["FIGURE", "TOON", "PHOTO", "TEACHER"]
    assert lines[1].split() == ["SSIM", "1.0000", "1"]
    assert not any("detail" in line for line in lines)


def test_usage(run, photos):
    for words in ((), ("--style", "hayao", "--toons", photos)):
        result = run("evaluate", "--photos", photos, *words)
        assert result.exit_code == 2
        assert "Give either --style or --toons." in result.stderr
    result = run("evaluate", "--toons", photos, "--photos", photos, "--inception-weights", "download")
    assert result.exit_code == 2
    assert "without pictures of the style" in result.stderr
    result = run("evaluate", "--toons", photos, "--photos", photos, "--cost", 1)
    assert result.exit_code == 2
    assert "--backbone, --no-paper and --cost belong to --style" in result.stderr


def test_no_weights_is_one_plain_sentence(run, photos):
    result = run("evaluate", "--toons", photos, "--photos", photos, "--style-images", photos)
    assert result.exit_code == 0, result.stderr
    assert "No KID and FID without Inception" in result.stderr
    assert any(line.startswith("colors to the style's (n=2, 2)") for line in result.stdout.splitlines())
