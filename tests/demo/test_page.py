"""The page behind a server, through `gradio_client` and plain HTTP."""

import contextlib
import io
import json
import os
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from multitoon.image import is_toon
from multitoon.stylize import MultiToon
from tests.conftest import gradient
from tests.demo.test_uploads import REFUSED

gradio_client = pytest.importorskip("gradio_client")


@pytest.fixture(scope="module")
def client(address, tmp_path_factory):
    client = gradio_client.Client(address, verbose=False, download_files=str(tmp_path_factory.mktemp("got")))
    yield client
    client.close()


def send(path) -> dict:
    return gradio_client.handle_file(str(path))


def test_the_public_names(client):
    names = set(client.view_api(return_format="dict", print_info=False)["named_endpoints"])
    assert names == {"/styles", "/stylize", "/all_styles", "/mix", "/inpaint", "/export", "/pull", "/train"}
    assert client.predict(api_name="/styles") == ["hayao", "ink"]


def test_stylize_is_what_the_library_draws(client, upload, tiny_home):
    path = client.predict(send(upload), "ink", 1.2, False, api_name="/stylize")
    toon = MultiToon.from_pretrained()
    toon.set_adapter("ink")
    with Image.open(path) as image, Image.open(upload) as photo:
        assert np.array_equal(image, toon.stylize(photo, 1.2))
        assert image.text["Style"] == "ink:1"
    assert is_toon(path)


def test_mix_all_styles_and_inpaint(client, upload, tmp_path):
    assert is_toon(client.predict(send(upload), "hayao:0.6,ink:0.4", True, api_name="/mix"))
    assert len(client.predict(send(upload), 1, False, api_name="/all_styles")) == 2
    mask = Image.new("L", (60, 40))
    mask.paste(255, (20, 10, 30, 20))
    mask.save(tmp_path / "mask.png")
    filled = client.predict(send(upload), send(tmp_path / "mask.png"), "photo", 2, 0, api_name="/inpaint")
    with Image.open(filled) as image:
        assert image.size == (60, 40)


@pytest.mark.parametrize("name", REFUSED)
def test_bad_uploads_get_sentences_and_the_page_lives(client, tmp_path, upload, name):
    content, words = REFUSED[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(gradio_client.exceptions.AppError, match=words):
        client.predict(send(tmp_path / name), "ink", 1, False, api_name="/stylize")
    assert is_toon(client.predict(send(upload), "ink", 1, False, api_name="/stylize"))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (("oil", 1, False), "Unknown style 'oil'"),
        (("someone/multitoon-ink", 1, False), "Unknown style"),
        (("ink", 7, False), "strength is 7"),
    ],
)
def test_bad_values_get_sentences(client, upload, values, words):
    with pytest.raises(gradio_client.exceptions.AppError, match=words):
        client.predict(send(upload), *values, api_name="/stylize")


def test_a_mix_of_nothing(client, upload):
    with pytest.raises(gradio_client.exceptions.AppError, match="All weights of the mix are 0"):
        client.predict(send(upload), "hayao:0,ink:0", False, api_name="/mix")


def test_files_of_the_server_are_not_photos(address):
    """A path that was not uploaded is refused, whatever it is."""
    body = json.dumps(
        {"data": [{"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}, "ink", 1, False]}
    )
    request = urllib.request.Request(
        f"{address}gradio_api/call/stylize", body.encode(), {"Content-Type": "application/json"}
    )
    event = json.load(urllib.request.urlopen(request))["event_id"]
    answer = urllib.request.urlopen(f"{address}gradio_api/call/stylize/{event}").read().decode()
    assert "event: error" in answer
    assert "root:" not in answer


def test_an_upload_that_was_deleted_meanwhile(address, upload, served):
    """A page left open for long: its photo is gone from the disk, and that is said."""
    uploaded = served / "gone" / "holiday.png"
    body = {"data": [{"path": str(uploaded), "meta": {"_type": "gradio.FileData"}}, "ink", 1, False]}
    request = urllib.request.Request(
        f"{address}gradio_api/call/stylize", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    event = json.load(urllib.request.urlopen(request))["event_id"]
    answer = urllib.request.urlopen(f"{address}gradio_api/call/stylize/{event}").read().decode()
    assert "holiday.png is no longer here" in answer


def test_pull_and_train_say_what_they_want(client, upload):
    with pytest.raises(gradio_client.exceptions.AppError, match="names no repository"):
        client.predict("/etc", api_name="/pull")
    with pytest.raises(gradio_client.exceptions.AppError, match="1 pictures of the style; wanted 20 to 200"):
        client.predict([send(upload)], "mine", 50, api_name="/train")


def test_names_with_path_tricks_stay_inside(address, served):
    before = set(served.rglob("*"))
    buffer = io.BytesIO()
    gradient(8, 8).save(buffer, "PNG")
    for name in ("../../evil.png", "..\\evil.png", "/etc/evil.png", "%2e%2e%2fevil.png", "a\x00b.png"):
        boundary = "frontier"
        body = (
            (
                f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
                "Content-Type: image/png\r\n\r\n"
            ).encode()
            + buffer.getvalue()
            + f"\r\n--{boundary}--\r\n".encode()
        )
        request = urllib.request.Request(
            f"{address}gradio_api/upload", body, {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        )
        with contextlib.suppress(urllib.error.HTTPError):  # refused is as good
            (path,) = json.load(urllib.request.urlopen(request))
            assert Path(path).resolve().is_relative_to(served)
    assert all(path.is_relative_to(served) for path in set(served.rglob("*")) - before)
    assert not any(
        Path(folder, "evil.png").exists() for folder in (served.parent, "/etc", Path.cwd(), "/tmp")
    )


def test_an_upload_over_the_limit_is_refused(client, tmp_path):
    (tmp_path / "noise.png").write_bytes(os.urandom(3 * 2**20))
    with pytest.raises(Exception, match=r"(?i)413|too large|maximum allowed|size"):
        client.predict(send(tmp_path / "noise.png"), "ink", 1, False, api_name="/stylize")


def test_many_at_once_are_all_right(address, upload, tiny_home):
    """Six visitors, each with a style: all are answered, each in the right one."""
    toon = MultiToon.from_pretrained()
    wanted = {}
    for style in ("hayao", "ink"):
        toon.set_adapter(style)
        wanted[style] = np.asarray(toon.stylize(Image.open(upload)))

    def visit(style: str) -> bool:
        with contextlib.closing(gradio_client.Client(address, verbose=False)) as client:
            path = client.predict(send(upload), style, 1, False, api_name="/stylize")
            return np.array_equal(np.asarray(Image.open(path)), wanted[style])

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(visit, ["hayao", "ink"] * 3))


def test_a_visitor_who_leaves_the_queue_blocks_no_one(address, client, upload):
    with contextlib.closing(gradio_client.Client(address, verbose=False)) as other:
        job = other.submit(send(upload), "ink", 1, False, api_name="/stylize")
        job.cancel()
    started = time.monotonic()
    assert is_toon(client.predict(send(upload), "ink", 1, False, api_name="/stylize"))
    assert time.monotonic() - started < 20
