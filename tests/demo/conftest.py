"""A page with two tiny styles, without a server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import gradient

pytest.importorskip("gradio")

from multitoon.demo.context import Context
from multitoon.demo.engine import Engine
from multitoon.demo.settings import DemoSettings


@pytest.fixture(scope="package")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of uploads and results of all tests of the page."""
    folder = tmp_path_factory.mktemp("multitoon-demo-served").resolve()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(folder))
        yield folder


@pytest.fixture(scope="package")
def context(tiny_files: Path, served: Path) -> Iterator[Context]:
    """Styles `hayao` and `ink` with random weights, and the examples drawn in them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MULTITOON_ADAPTERS", str(tiny_files))
        yield Context.prepared(DemoSettings(max_megapixels=1), Engine())


@pytest.fixture
def upload(served: Path) -> str:
    """A JPEG of 60 x 40 pixels, as a visitor sends it."""
    path = served / "upload" / "holiday.jpg"
    path.parent.mkdir(exist_ok=True)
    gradient(60, 40).save(path, quality=95)
    return str(path)


@pytest.fixture(scope="package")
def address(tiny_files: Path, served: Path) -> Iterator[str]:
    """A page with the tiny styles, on a free port."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MULTITOON_ADAPTERS", str(tiny_files))
        # Gradio gives itself three seconds to answer, which is little on a busy machine.
        patch.setattr("gradio.networking.url_ok", lambda _: True)
        from multitoon.demo import DemoSettings, build, launch

        settings = DemoSettings(max_megapixels=1, queue_size=8, max_file_size="2mb")
        page = build(settings)
        yield launch(page, settings, prevent_thread_lock=True, quiet=True)
        page.close(verbose=False)
