"""The page of `multitoon export --format web`, opened in headless Chromium."""

from __future__ import annotations

import base64
import functools
import http.server
import io
import json
import os
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from multitoon.draw_size import DRAW_SIZE
from multitoon.errors import OutputError
from multitoon.export.web import export_page
from multitoon.export.web.runtime import FILES, cached
from multitoon.filters.upsample import enlarge
from multitoon.image import to_image, to_pixels, to_tensor
from multitoon.paper import on_paper
from multitoon.run_exported import draw, open_exported
from tests.conftest import gradient, on_grain

pytest.importorskip("onnxruntime")
TIMEOUT = 120_000
"""Milliseconds, for machines that do much else."""


def package() -> Path:
    """The npm package: `$MULTITOON_ONNXRUNTIME_WEB`, or what an earlier export fetched."""
    path = Path(os.environ.get("MULTITOON_ONNXRUNTIME_WEB") or cached())
    if not path.exists():
        pytest.skip("no onnxruntime-web here: `multitoon export --format web` once fetches it")
    return path


@pytest.fixture(scope="module")
def folder(tiny_files, tmp_path_factory):
    path = tmp_path_factory.mktemp("web") / "page"
    home = on_grain(tiny_files, "ink", 0.05, path.with_name("home"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MULTITOON_ADAPTERS", str(home))
        parities = export_page((), path, runtime=package())
    assert set(parities) == {"hayao", "ink"}
    return path


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium here")
    with playwright.sync_playwright() as started:
        # No sandbox: it wants a user namespace, which containers seldom have.
        flags = ["--no-sandbox", "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"]
        browser = started.chromium.launch(executable_path=chromium, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address(folder):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *words: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def tab(browser, address):
    context = browser.new_context(viewport={"width": 390, "height": 844}, accept_downloads=True)
    tab = context.new_page()
    tab.set_default_timeout(TIMEOUT)
    tab.wrong, tab.asked = [], []
    tab.on("pageerror", lambda error: tab.wrong.append(str(error)))
    tab.on(
        "request",
        lambda request: request.url.startswith((address, "blob:")) or tab.elsewhere.append(request.url),
    )
    yield tab
    assert tab.wrong == []
    assert all(url.startswith((address, "blob:")) for url in tab.asked)  # nothing from a CDN
    context.close()


def shown(tab, canvas):
    """The pixels of a canvas, (H, W, 3)."""
    url = tab.evaluate("(id) => document.querySelector(id).toDataURL('image/png')", canvas)
    with Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))) as image:
        return np.asarray(image.convert("RGB"))


def ready(tab):
    tab.wait_for_selector("body[data-state=done], body[data-state=error]")
    assert tab.get_attribute("body", "data-state") == "done", tab.inner_text("#error")


@pytest.mark.browser
def test_a_photo_becomes_what_onnxruntime_makes_of_it(tab, address, folder, tmp_path):
    photo = gradient(512, 512)
    photo.save(tmp_path / "cat.png")
    tab.goto(address)
    tab.set_input_files("#file", tmp_path / "cat.png")
    ready(tab)
    tab.select_option("#strokes", "768")  # every pixel of this one
    tab.wait_for_selector("body[data-state=done][data-strokes='768']")
    assert np.array_equal(shown(tab, "#photo"), np.asarray(photo))
    wanted = np.asarray(draw(open_exported(folder / "models/hayao.onnx"), photo)).astype(int)
    assert np.abs(shown(tab, "#toon").astype(int) - wanted).max() <= 2
    status = tab.inner_text("#status")
    assert status.startswith("512 × 512 in ")
    assert status.endswith(" s with WebAssembly")  # the one adapter here is software

    tab.wait_for_selector("body[data-previews=done]")
    tab.click("text=ink")
    tab.wait_for_selector("body[data-state=done][data-style=ink]")
    wanted = np.asarray(draw(open_exported(folder / "models/ink.onnx"), photo)).astype(int)
    assert np.abs(shown(tab, "#toon").astype(int) - wanted).max() <= 2

    with tab.expect_download() as download:
        tab.click("#save")
    assert download.value.suggested_filename == "cat.ink.png"
    download.value.save_as(tmp_path / "saved.png")
    with Image.open(tmp_path / "saved.png") as saved:
        assert np.array_equal(np.asarray(saved.convert("RGB")), shown(tab, "#toon"))


@pytest.mark.browser
def test_webgpu(tab, address, folder, tmp_path):
    tab.goto(f"{address}?backend=webgpu")
    if not tab.evaluate("async () => !!(await navigator.gpu?.requestAdapter())"):
        pytest.skip("this Chromium has no WebGPU adapter")
    photo = gradient(96, 80)
    photo.save(tmp_path / "cat.png")
    tab.set_input_files("#file", tmp_path / "cat.png")
    ready(tab)
    assert tab.get_attribute("body", "data-backend") == "webgpu"
    wanted = np.asarray(draw(open_exported(folder / "models/hayao.onnx"), photo)).astype(int)
    assert np.abs(shown(tab, "#toon").astype(int) - wanted).max() <= 2


@pytest.mark.browser
def test_enlarging_is_that_of_stylize(tab, address):
    photo = gradient(90, 61)
    small = photo.resize((45, 30), Image.Resampling.LANCZOS)
    toon = torch.tanh(to_tensor(small) * 1.5)
    wanted = np.asarray(to_image(enlarge(toon, to_tensor(small), to_pixels(photo)))).astype(int)
    tab.goto(address)
    rgba = tab.evaluate(
        """async ([toon, small, w, h, full, W, H]) => {
        const { enlarge } = await import("./enlarge.js");
        const photo = Uint8ClampedArray.from(full);
        enlarge(toon.map((p) => Float32Array.from(p)), Uint8ClampedArray.from(small), w, h, photo, W, H);
        return Array.from(photo); }""",
        [
            toon[0].reshape(3, -1).tolist(),
            np.asarray(small.convert("RGBA")).ravel().tolist(),
            *small.size,
            np.asarray(photo.convert("RGBA")).ravel().tolist(),
            *photo.size,
        ],
    )
    found = np.array(rgba).reshape(61, 90, 4)[..., :3]
    assert np.abs(found - wanted).max() <= 1


@pytest.mark.browser
@pytest.mark.parametrize("size", [(90, 61), (700, 400)])
def test_paper_is_that_of_stylize(tab, address, size):
    gray = Image.new("RGB", size, (128, 128, 128))
    wanted = np.asarray(on_paper(gray, 0.1)).astype(int)
    tab.goto(address)
    rgba = tab.evaluate(
        """async ([width, height, drawSize]) => {
        const { layOnPaper } = await import("./paper.js");
        const picture = new Uint8ClampedArray(4 * width * height).fill(128);
        await layOnPaper(picture, width, height, 0.1, drawSize);
        return Array.from(picture); }""",
        [*size, DRAW_SIZE],
    )
    found = np.array(rgba).reshape(*gray.size[::-1], 4)[..., :3]
    assert np.abs(found - wanted).max() <= 1
    assert wanted.std() > 10


@pytest.mark.browser
def test_large_photos_keep_their_size_and_the_slider_moves(tab, address, tmp_path):
    gradient(900, 600).save(tmp_path / "wide.jpg")
    tab.goto(address)
    tab.set_input_files("#file", tmp_path / "wide.jpg")
    ready(tab)
    assert shown(tab, "#toon").shape == (600, 900, 3)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    tab.focus("#compare")
    tab.keyboard.press("End")
    assert tab.evaluate("document.querySelector('#frame').style.getPropertyValue('--at')") == "100%"


@pytest.mark.browser
def test_no_picture(tab, address, tmp_path):
    (tmp_path / "notes.png").write_text("no picture")
    tab.goto(address)
    tab.set_input_files("#file", tmp_path / "notes.png")
    tab.wait_for_selector("#error:not([hidden])")
    assert tab.inner_text("#error") == "notes.png is not a picture that this browser can read."


@pytest.mark.browser
def test_a_photo_that_is_chosen_before_the_styles_are_listed_is_taken(tab, address, tmp_path):
    (tmp_path / "notes.png").write_text("no picture")
    held = []
    tab.route("**/styles.json", lambda route: held.append(route))
    tab.goto(address, wait_until="commit")
    tab.wait_for_selector("#file", state="attached")
    tab.set_input_files("#file", tmp_path / "notes.png")
    while not held:
        tab.wait_for_timeout(20)
    held[0].continue_()
    tab.wait_for_selector("#error:not([hidden])")


def test_the_folder_is_whole(folder):
    manifest = json.loads((folder / "styles.json").read_text())
    assert [entry["name"] for entry in manifest["styles"]] == ["hayao", "ink"]
    for entry in manifest["styles"]:
        assert (folder / entry["file"]).stat().st_size == entry["bytes"]
        assert entry["license"] == "MIT"
    assert sorted(path.name for path in (folder / "runtime").iterdir()) == sorted(FILES)
    assert "Copyright (c) Microsoft" in (folder / "ONNXRUNTIME-LICENSE.txt").read_text()
    text = "".join(path.read_text() for path in folder.glob("*.*") if path.suffix in (".html", ".js", ".css"))
    assert "https://" not in text
    assert f'<option value="{DRAW_SIZE}" selected>' in text, "the page draws as large as stylize does"


def test_only_a_page_is_replaced(folder, tiny_home, tmp_path, monkeypatch):
    def write(mix, path, *, precision, photos):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"network")

    monkeypatch.setattr("multitoon.export.web.export_style", write)
    page = tmp_path / "page"
    export_page(["hayao"], page, runtime=folder / "runtime")
    export_page(["ink"], page, runtime=folder / "runtime", overwrite=True)
    assert [path.name for path in (page / "models").iterdir()] == ["ink.onnx"]
    assert [path.name for path in tmp_path.iterdir()] == ["page"]


def test_what_is_there_is_kept(folder, tiny_home, tmp_path):
    with pytest.raises(OutputError, match="exists already"):
        export_page((), folder)
    (tmp_path / "diary.txt").write_text("mine")
    with pytest.raises(OutputError, match="is no page of multitoon"):
        export_page((), tmp_path, overwrite=True)
    assert (tmp_path / "diary.txt").read_text() == "mine"
