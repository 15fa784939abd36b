import json


def test_export_pt2(run, tiny_home, tmp_path):
    path = tmp_path / "out" / "hayao.pt2"
    result = run("export", "--style", "hayao", "--format", "pt2", "-o", path, "--json")
    assert result.exit_code == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["output"] == str(path)
    assert report["bytes"] == path.stat().st_size
    assert report["max_difference"] <= report["limit"]
    assert len(report["sizes"]) == 3
    result = run("export", "--style", "hayao", "--format", "pt2", "-o", path)
    assert result.exit_code == 1
    assert "exists already" in result.stderr
    assert "Hint: Pass --overwrite" in result.stderr


def test_style_or_mix(run, tiny_home):
    for words in ((), ("--style", "hayao", "--mix", "hayao:0.5,ink:0.5")):
        result = run("export", *words)
        assert result.exit_code == 2
        assert "Give either --style or --mix." in result.stderr


def test_unknown_style(run, tiny_home, tmp_path):
    result = run("export", "--style", "hayo", "-o", tmp_path / "x.onnx")
    assert result.exit_code == 2
    assert "Did you mean 'hayao'?" in result.stderr
