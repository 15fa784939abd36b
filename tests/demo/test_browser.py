"""A visitor's visit in a real browser: photo, tile, slider, hole, download; on a desk and on a phone."""

import re
import shutil

import pytest
from PIL import Image

from multitoon.image import is_toon
from tests.conftest import gradient

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]
PATIENCE = 30_000
"""Milliseconds."""


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as p:
        # WebGL by software: the editor draws with it, and test machines have no GPU.
        browser = p.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--enable-unsafe-swiftshader"]
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(browser, address):
    """The page in a window of some width; errors of its scripts fail the test."""
    pages, failures = [], []

    def open_page(width: int = 1280, height: int = 900):
        page = browser.new_page(viewport={"width": width, "height": height}, accept_downloads=True)
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.goto(address)
        page.locator("#style label").first.wait_for()
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert failures == []


def choose(page, elem_id: str, path: str) -> None:
    page.locator(f"#{elem_id} input[type=file]").first.set_input_files(path)


def toon_url(page) -> str:
    """The address of the toon that the slider shows."""
    return page.locator("#before-after img").last.get_attribute("src")


def wait_for_another(page, before: str) -> str:
    page.wait_for_function(
        "before => { const all = document.querySelectorAll('#before-after img');"
        " const src = all.length ? all[all.length - 1].getAttribute('src') : null;"
        " return src && src !== before; }",
        arg=before,
    )
    return toon_url(page)


def test_photo_tile_strength_download(visit, upload, tmp_path):
    page = visit()
    example = toon_url(page)
    choose(page, "photo", upload)
    first = wait_for_another(page, example)
    assert "holiday.hayao.png" in first

    page.locator("#style label", has_text="ink").click()
    second = wait_for_another(page, first)
    assert "holiday.ink.png" in second

    slider = page.locator("#strength input[type=range]")
    slider.focus()
    box = slider.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.3, box["y"] + box["height"] / 2)
    third = wait_for_another(page, second)

    with page.expect_download() as download:
        page.locator("#download").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.name == "holiday.ink.png"
    assert is_toon(path)
    with Image.open(path) as image:
        assert image.size == (60, 40)
        assert float(image.text["Strength"]) < 1
    assert third != second


def test_a_tile_without_a_photo_shows_the_example_in_it(visit):
    page = visit()
    before = toon_url(page)
    page.locator("#style label", has_text="ink").click()
    ink = wait_for_another(page, before)
    assert ".ink.png" in ink
    page.locator("#stylize-row button.gallery-item").nth(1).click()
    assert "multitoon-kept" in wait_for_another(page, ink)  # drawn when the page started


def test_the_hole_is_drawn_with_the_mouse(visit, served):
    upload = str(served / "holiday.png")
    gradient(240, 160).save(upload)
    page = visit()
    choose(page, "photo", upload)
    page.get_by_role("tab", name="Inpaint").click()
    canvas = page.locator("#hole-paint canvas").first
    canvas.wait_for()
    page.locator("#hole-photo img").first.wait_for()  # the photo came along from the first tab
    page.wait_for_timeout(1500)  # the editor scales its canvas to the photo without an event for it
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 15, y)
    page.mouse.down()
    page.mouse.move(x + 15, y, steps=6)
    page.mouse.up()
    page.locator("#hole-steps input[type=number]").fill("5")
    page.locator("#hole-start").click()
    page.locator("#hole-note", has_text="Filled in").wait_for(timeout=4 * PATIENCE)
    src = page.locator("#hole-result img").first.get_attribute("src")
    assert "holiday.filled.png" in src


def test_a_letter_is_refused_in_a_sentence_and_the_page_lives(visit, upload, tmp_path):
    page = visit()
    (tmp_path / "letter.jpg").write_text("Dear all")
    before = toon_url(page)
    choose(page, "photo", str(tmp_path / "letter.jpg"))
    page.get_by_text(re.compile(r"letter\.jpg is not a picture")).first.wait_for()
    page.locator("#photo").get_by_label(re.compile("clear|remove", re.I)).first.click()
    choose(page, "photo", upload)
    assert "holiday" in wait_for_another(page, before)


def test_a_style_from_the_hub_becomes_a_tile(visit, tiny_home, tmp_path, monkeypatch):
    shutil.copytree(tiny_home / "ink", tmp_path / "snapshot")
    monkeypatch.setattr("multitoon.demo.adapters.find_adapter", lambda repo: tmp_path / "snapshot")
    page = visit()
    page.get_by_role("tab", name="Adapters").click()
    page.locator("#repository input, #repository textarea").first.fill("someone/multitoon-ink")
    page.locator("#fetch").click()
    page.locator("#facts td", has_text=re.compile(r"^ink-[0-9a-f]{6}$")).wait_for()
    page.get_by_role("tab", name="Stylize").click()
    before = toon_url(page)
    page.locator("#style label", has_text=re.compile(r"ink-[0-9a-f]{6}")).click()
    assert re.search(r"\.ink-[0-9a-f]{6}\.png", wait_for_another(page, before))


def test_a_style_from_the_hub_is_a_look_of_holes_and_a_slider(visit, tiny_home, tmp_path, monkeypatch):
    shutil.copytree(tiny_home / "hayao", tmp_path / "snapshot")
    monkeypatch.setattr("multitoon.demo.adapters.find_adapter", lambda repo: tmp_path / "snapshot")
    page = visit()
    page.get_by_role("tab", name="Adapters").click()
    page.locator("#repository input, #repository textarea").first.fill("someone/multitoon-hayao")
    page.locator("#fetch").click()
    guest = re.compile(r"hayao-[0-9a-f]{6}")
    page.locator("#facts td", has_text=guest).wait_for()
    page.get_by_role("tab", name="Inpaint").click()
    page.locator("#hole-look label", has_text=guest).wait_for()
    page.get_by_role("tab", name="Mix").click()
    page.locator("#mix-row").get_by_text(guest).wait_for()


def test_parts_are_painted_with_the_mouse(visit, served):
    upload = str(served / "parts.png")
    gradient(240, 160).save(upload)
    page = visit()
    choose(page, "photo", upload)
    page.get_by_role("tab", name="Mix").click()
    page.locator("#mix-photo img").first.wait_for()
    page.get_by_text("Paint a style onto a part").click()
    canvas = page.locator("#mix-paint canvas").first
    canvas.wait_for()
    page.wait_for_timeout(1500)  # as in the hole's test
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before = page.locator("#mix-result img").first.get_attribute("src")
    page.mouse.move(x - 15, y)
    page.mouse.down()
    page.mouse.move(x + 15, y, steps=6)
    page.mouse.up()
    page.get_by_role("button", name="Draw with the painted parts").click()
    page.wait_for_function(
        "before => document.querySelector('#mix-result img').getAttribute('src') !== before", arg=before
    )


def test_a_mix_follows_its_slider(visit):
    page = visit()
    page.get_by_role("tab", name="Mix").click()
    result = page.locator("#mix-result img").first
    result.wait_for()
    before = result.get_attribute("src")
    box = page.locator("#mix-ink input[type=range]").bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.33, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, y, steps=8)
    page.wait_for_function(
        "() => document.querySelector('#mix-result img').getAttribute('src').includes('preview.png')"
    )
    page.mouse.up()
    page.wait_for_function(
        "before => { const src = document.querySelector('#mix-result img').getAttribute('src');"
        " return src !== before && !src.includes('preview.png'); }",
        arg=before,
    )
    page.get_by_role("tab", name="Adapters").click()  # where the mix is what is exported
    assert re.fullmatch(r"hayao:0\.[\d]+,ink:0\.[\d]+", page.locator("#export-mix input").first.input_value())


def test_a_phone_sees_photo_tiles_and_toon_without_sideways_scrolling(visit, upload):
    page = visit(390, 844)
    before = toon_url(page)
    choose(page, "photo", upload)
    wait_for_another(page, before)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    tops = [page.locator(f"#{name}").bounding_box()["y"] for name in ("photo", "style", "before-after")]
    assert tops == sorted(tops)
    assert tops[-1] < 844
