"""What the demo stands: first toon, live preview, twenty visitors at once, fifty bad uploads.

    python hub/demo_load.py --json demo_load.json

The page runs in a process of its own, whose memory and files are watched; pictures are compared with what the
library draws. Prints one line per figure; exit code 1 if an answer was wrong.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import multiprocessing
import os
import statistics
import struct
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import httpx
import numpy as np
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from multitoon import MultiToon, read_photo
from multitoon.demo import DemoSettings
from multitoon.demo.examples import PHOTOS

FORGETFUL = DemoSettings(keep_seconds=60)
"""The second page deletes uploads and results after a minute, so that the cleaning is seen."""
VISITORS, REQUESTS = 20, 5
STEPS = 20
"""Of a slider."""


def serve(folder: str, settings: DemoSettings, pipe: Connection) -> None:
    """The page, in this process; its address goes into `pipe`, and times of previews for each photo sent."""
    os.environ["GRADIO_TEMP_DIR"] = folder  # the page makes its own in it
    from multitoon.demo import build, launch
    from multitoon.demo.context import Context
    from multitoon.demo.mix import preview

    page = build(settings)
    pipe.send(launch(page, settings, prevent_thread_lock=True, quiet=True))
    while photo := pipe.recv():
        context = Context.prepared(settings)
        styles = len(context.engine.shipped)
        pipe.send(timed(partial(preview, context, photo, [], False), styles, os.getpid()))
    page.close(verbose=False)


def timed(draw: Callable[..., object], styles: int, page: int) -> dict[str, int]:
    """Milliseconds of a preview while one of `styles` sliders moves and all are up: as waited for, and as the
    process `page` worked, which is about the same on an idle core and on a busy one."""
    draw(*[1.0] * styles)  # the first one loads the styles
    waited, worked = [], processor_seconds(page)
    for step in range(STEPS):
        started = time.perf_counter()
        draw(0.02 * step + 0.1, *[0.3] * (styles - 1))
        waited.append(1000 * (time.perf_counter() - started))
    return {
        "median": round(statistics.median(waited)),
        "slowest": round(max(waited)),
        "processor": round(1000 * (processor_seconds(page) - worked) / STEPS),
    }


def processor_seconds(pid: int) -> float:
    """What a process has used of all cores together."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def asked_for(address: str, photo: Path, page: int) -> dict[str, int]:
    """`timed` as a browser has it: the slider's request, its answer, and the picture."""
    with visitor(address) as client:
        move = next(
            d for d in client.config["dependencies"] if d["trigger_mode"] == "always_last" and not d["queue"]
        )
        components = {part["id"]: part for part in client.config["components"]}
        shown = [components[i]["props"] for i in move["inputs"] if components[i]["type"] == "slider"]
        styles = sum(slider.get("visible", True) for slider in shown)
        with httpx.Client(base_url=address, timeout=300) as browser:
            (path,) = browser.post("gradio_api/upload", files={"files": photo.open("rb")}).json()
            file = {"path": path, "meta": {"_type": "gradio.FileData"}}

            def draw(*weights: float) -> bytes:
                data = [file, [], False, *weights, *[0] * (len(shown) - styles)]
                body = {"data": data, "fn_index": move["id"], "session_hash": "load"}
                answer = browser.post("gradio_api/run/predict", json=body).json()
                return browser.get(answer["data"][0]["url"]).raise_for_status().content

            return timed(draw, styles, page)


@contextlib.contextmanager
def page_of(folder: Path, settings: DemoSettings) -> Iterator[tuple[str, int, Connection]]:
    """A page in a process of its own: its address, its process, and the pipe to it."""
    folder.mkdir()
    pipe, other = multiprocessing.Pipe()
    page = multiprocessing.get_context("spawn").Process(target=serve, args=(str(folder), settings, other))
    page.start()
    try:
        yield pipe.recv(), page.pid, pipe
        pipe.send(None)
    finally:
        page.join(10)
        page.terminate()


def resident_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1000


def files_in(folder: str | Path) -> int:
    return sum(path.is_file() for path in Path(folder).rglob("*"))


def bad_files(folder: Path) -> list[Path]:
    """Ten kinds of files that are no photos, or hardly, five of each."""
    photo = Image.open(PHOTOS / "coffee.jpg")
    png, jpeg, gif = io.BytesIO(), io.BytesIO(), io.BytesIO()
    photo.save(png, "PNG")
    photo.convert("CMYK").save(jpeg, "JPEG")
    photo.save(gif, "GIF", save_all=True, append_images=[photo.rotate(90)])
    line = io.BytesIO()
    Image.new("RGB", (1, 20000)).save(line, "PNG")
    deep = io.BytesIO()
    Image.fromarray((np.asarray(photo.convert("L")).astype(np.uint16)) * 257).save(deep, "PNG")

    def claim(width: int, height: int) -> bytes:
        def chunk(kind: bytes, data: bytes) -> bytes:
            return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

        header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
        pixels = chunk(b"IDAT", zlib.compress(bytes((width // 8 + 1) * min(height, 2000)), 9))
        return b"\x89PNG\r\n\x1a\n" + header + pixels + chunk(b"IEND", b"")

    kinds = {
        "letter.jpg": b"Dear all, this is no picture.",
        "empty.png": b"",
        "cut.png": png.getvalue()[:50_000],
        "drawing.svg": b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>",
        "bomb.png": claim(60_000, 60_000),
        "poster.png": claim(12_000, 12_000),
        "line.png": line.getvalue(),
        "print.jpg": jpeg.getvalue(),
        "deep.png": deep.getvalue(),
        "moving.gif": gif.getvalue(),
    }
    paths = []
    for name, content in kinds.items():
        for number in range(5):
            path = folder / f"{number}" / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
            paths.append(path)
    return paths


def visitor(address: str) -> contextlib.closing[Client]:
    """A client that waits as long as a queue of a hundred may take."""
    return contextlib.closing(Client(address, verbose=False, httpx_kwargs={"timeout": 300}))


def first_toon(address: str, photo: Path) -> list[float]:
    """Seconds from a visitor's arrival to the toon's file in hand, five times."""
    seconds = []
    for _ in range(5):
        started = time.perf_counter()
        with visitor(address) as client:
            client.predict(handle_file(str(photo)), "hayao", 1, False, api_name="/stylize")
        seconds.append(time.perf_counter() - started)
    return seconds


def crowd(address: str, photos: list[Path], wanted: dict[tuple[str, str], np.ndarray]) -> dict[str, object]:
    """`VISITORS` at once, `REQUESTS` each: how many answers were right, and how long they took."""
    styles = sorted({style for _, style in wanted})

    def visit(number: int) -> list[tuple[bool, float]]:
        answers = []
        with visitor(address) as client:
            for request in range(REQUESTS):
                photo, style = photos[(number + request) % len(photos)], styles[number % len(styles)]
                started = time.perf_counter()
                path = client.predict(handle_file(str(photo)), style, 1, False, api_name="/stylize")
                with Image.open(path) as toon:
                    right = np.array_equal(np.asarray(toon), wanted[photo.name, style])
                answers.append((right, time.perf_counter() - started))
        return answers

    started = time.perf_counter()
    with ThreadPoolExecutor(VISITORS) as pool:
        answers = [answer for visit in pool.map(visit, range(VISITORS)) for answer in visit]
    waits = sorted(seconds for _, seconds in answers)
    return {
        "answers": len(answers),
        "right": sum(right for right, _ in answers),
        "seconds": round(time.perf_counter() - started, 1),
        "median_wait": round(statistics.median(waits), 2),
        "longest_wait": round(waits[-1], 2),
    }


def abuse(address: str, folder: Path) -> dict[str, int]:
    """Bad files: how many were refused in a sentence, drawn all the same, or failed without a word."""
    refused = drawn = wordless = 0
    with visitor(address) as client:
        for path in bad_files(folder):
            try:
                client.predict(handle_file(str(path)), "hayao", 1, False, api_name="/stylize")
                drawn += 1
            except AppError as error:
                refused += path.name in str(error)
                wordless += path.name not in str(error)
    return {"refused_in_a_sentence": refused, "drawn": drawn, "without_a_word": wordless}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="file for the figures")
    arguments = parser.parse_args()
    photos = sorted(PHOTOS.glob("*.jpg"))
    toon, wanted = MultiToon.from_pretrained(), {}
    for style in toon.styles:
        toon.set_adapter(style)
        wanted |= {(photo.name, style): np.asarray(toon.stylize(read_photo(photo))) for photo in photos}
    with tempfile.TemporaryDirectory() as work:
        square = Path(work) / "square.jpg"
        Image.open(PHOTOS / "astronaut.jpg").resize((1024, 1024)).save(square, quality=92)
        figures: dict[str, object] = {}
        with page_of(Path(work) / "first", DemoSettings()) as (address, process, pipe):
            times = first_toon(address, square)
            figures["first_toon_1024_seconds"] = [round(value, 2) for value in sorted(times)]
            pipe.send(str(square))
            figures["preview_256_ms"] = pipe.recv()
            figures["preview_256_ms_in_a_browser"] = asked_for(address, square, process)
            before = resident_mb(process)
            figures["crowd"] = crowd(address, photos, wanted)
            figures["memory_growth_mb"] = round(resident_mb(process) - before)
        served = Path(work) / "second"
        with page_of(served, FORGETFUL) as (address, _, _):
            figures["files_at_first"] = files_in(served)
            there = set(Path(tempfile.gettempdir()).iterdir())
            figures["abuse"] = abuse(address, Path(work))
            new = {path.name for path in set(Path(tempfile.gettempdir()).iterdir()) - there}
            figures["new_files_outside"] = sorted(name for name in new if name.startswith("multitoon"))
            figures["files_after_abuse"] = files_in(served)
            time.sleep(2 * FORGETFUL.keep_seconds)
            figures["files_after_cleaning"] = files_in(served)
            figures["alive"] = bool(first_toon(address, square))
    for name, value in figures.items():
        print(f"{name}: {value}")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")
    answers = figures["crowd"]
    sys.exit(answers["right"] != answers["answers"] or figures["abuse"]["without_a_word"] > 0)


if __name__ == "__main__":
    main()
