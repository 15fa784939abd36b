"""The picture of the page in the README: the first tab, as a visitor sees it, in a real browser.

    python hub/space/screenshot.py --out hub/space/screenshot.jpg

Needs playwright and Chromium; `--dark`, `--width 390` and `--tab Mix` show the others.
"""

from __future__ import annotations

import argparse
import io
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from multitoon.demo import DemoSettings, build, launch

PATIENCE = 120_000
"""Milliseconds."""
SETTLING = 3_000
"""Milliseconds after which pictures have faded in and editors are drawn."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("hub/space/screenshot.jpg"))
    parser.add_argument("--tab", default="Stylize")
    parser.add_argument("--example", type=int, default=1, help="which example photo is chosen, from 0")
    parser.add_argument("--width", type=int, default=1240)
    parser.add_argument("--dark", action="store_true")
    arguments = parser.parse_args()
    settings = DemoSettings()
    page = build(settings)
    address = launch(page, settings, prevent_thread_lock=True, quiet=True)
    with sync_playwright() as p:
        browser = p.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--enable-unsafe-swiftshader"]
        )
        tab = browser.new_page(
            viewport={"width": arguments.width, "height": 800},
            color_scheme="dark" if arguments.dark else "light",
        )
        tab.set_default_timeout(PATIENCE)
        tab.goto(address)
        tab.locator("#style label").first.wait_for()
        if arguments.tab == "Stylize":
            before = tab.locator("#before-after img").last.get_attribute("src")
            tab.locator("button.gallery-item").nth(arguments.example).click()
            tab.wait_for_function(
                "before => { const all = document.querySelectorAll('#before-after img');"
                " return all.length && all[all.length - 1].getAttribute('src') !== before; }",
                arg=before,
            )
        else:
            tab.get_by_role("tab", name=arguments.tab).click()
        tab.wait_for_timeout(SETTLING)
        shot = Image.open(io.BytesIO(tab.screenshot(full_page=True))).convert("RGB")
        browser.close()
    page.close(verbose=False)
    shot.save(arguments.out, quality=86, optimize=True)
    print(f"{arguments.out}  {shot.width}x{shot.height}  {arguments.out.stat().st_size / 1000:.0f} KB")


if __name__ == "__main__":
    main()
