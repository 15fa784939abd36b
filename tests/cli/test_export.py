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


def test_size_and_safetensors(run, tiny_home, tmp_path):
    result = run(
        "export", "--style", "hayao", "--format", "pt2", "--size", "48x64", "-o", tmp_path / "x.pt2", "--json"
    )
    assert result.exit_code == 0, result.stderr
    report = json.loads(result.stdout)
    assert [part["size"] for part in report["sizes"]] == [[48, 64]]
    assert report["mean_difference"] <= report["max_difference"]
    result = run("export", "--style", "ink", "--format", "safetensors", "-o", tmp_path / "ink.safetensors")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.strip() == str(tmp_path / "ink.safetensors")


def test_what_does_not_go_together(run, tiny_home, tmp_path):
    for words, message in (
        (("--style", "hayao", "--size", "48"), "'48' should be dynamic, or HxW in pixels"),
        (("--style", "hayao", "--style", "ink"), "A file holds one style, not 2."),
        (("--style", "hayao", "--precision", "int8"), "int8 needs photos"),
        (("--style", "hayao", "--format", "executorch"), "executorch is bound to one size."),
        (("--style", "hayao", "--runtime", str(tmp_path)), "--runtime is for --format web."),
        (("--format", "web", "--layout", "nhwc"), "A page takes --style"),
    ):
        result = run("export", *words, "-o", tmp_path / "x")
        assert result.exit_code == 2, result.stdout
        assert message in result.stderr


def test_web(run, tiny_home, tmp_path):
    from multitoon.export.web.runtime import FILES

    (tmp_path / "package").mkdir()
    for name in FILES:
        (tmp_path / "package" / name).write_text("library")
    words = ("--format", "web", "--style", "ink", "--runtime", tmp_path / "package", "-o", tmp_path / "page")
    result = run("export", *words, "--json")
    assert result.exit_code == 0, result.stderr
    assert list(json.loads(result.stdout)["styles"]) == ["ink"]
    assert f"python -m http.server -d {tmp_path / 'page'}" in result.stderr
    result = run("export", *words)
    assert result.exit_code == 1
    assert "exists already" in result.stderr
