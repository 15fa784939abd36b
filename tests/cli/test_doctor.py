import json

from tests.data.test_doctor import folder_of


def test_problems_with_hints(run, tmp_path):
    folder = folder_of(tmp_path / "photos", range(3))
    result = run("doctor", "--photos", folder)
    assert result.exit_code == 0  # warnings stop nothing
    assert "photos  3         0        130 to 130, median 130" in result.stdout
    assert "Warning: There are only 3 pictures among the photos" in result.stdout


def test_error_is_exit_code_1_and_json_names_all_files(run, tmp_path):
    folder = folder_of(tmp_path / "photos", range(3))
    for number in range(5):
        (folder / f"{number}.png").write_text("no picture")
    result = run("doctor", "--photos", folder, "--json")
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert report["folders"][0]["damaged"] == 5
    assert report["problems"][0]["severity"] == "error"
    assert len(report["problems"][0]["files"]) == 5
    assert "and 2 more" in run("doctor", "--photos", folder).stdout


def test_needs_a_folder(run):
    result = run("doctor")
    assert result.exit_code == 2
    assert "Nothing to look at" in result.stderr
