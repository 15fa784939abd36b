import shutil
import threading

import numpy as np
import pytest

from multitoon.errors import CheckpointError, UnknownNameError, UsageError
from multitoon.image import to_photo
from multitoon.stylize import MultiToon
from tests.conftest import gradient

PHOTO = to_photo(gradient(40, 24))


def test_draws_what_the_library_draws(context, tiny_home):
    toon = MultiToon.from_pretrained()
    toon.set_adapter({"hayao": 0.5, "ink": 0.25})
    drawn = context.engine.draw(PHOTO, {"hayao": 0.5, "ink": 0.25}, 1.2)
    assert np.array_equal(drawn.image, toon.stylize(PHOTO, 1.2))
    assert drawn.provenance["style"] == "hayao:0.5,ink:0.25"
    assert drawn.provenance["strength"] == "1.2"
    assert drawn.provenance["adapter"].startswith(f"hayao:{toon.hash_of('hayao')[:12]}")


def test_preview_is_the_mix_within_rounding(context):
    mix = {"hayao": 0.5, "ink": 0.25}
    preview = np.asarray(context.engine.preview(PHOTO, mix)).astype(int)
    whole = np.asarray(context.engine.draw(PHOTO, mix).image).astype(int)
    assert np.abs(preview - whole).max() <= 1


def test_weights_of_zero_only(context):
    with pytest.raises(UsageError, match="All weights of the mix are 0"):
        context.engine.draw(PHOTO, {"hayao": 0, "ink": 0})
    with pytest.raises(UsageError, match="All weights of the mix are 0"):
        context.engine.preview(PHOTO, {})


@pytest.mark.parametrize("name", ["someone/multitoon-ink", "/etc", "../adapters/ink", "./ink", ""])
def test_strangers_name_no_paths_and_no_repositories(context, name):
    with pytest.raises(UnknownNameError, match="known: hayao, ink"):
        context.engine.draw(PHOTO, {name: 1.0})


def test_two_visitors_at_once_get_their_own_styles(context):
    """A style is set and drawn in one turn, so that no one draws in another's."""
    wanted = {style: context.engine.draw(PHOTO, {style: 1.0}).image for style in ("hayao", "ink")}
    wrong = []

    def visit(style: str) -> None:
        for _ in range(5):
            if not np.array_equal(context.engine.draw(PHOTO, {style: 1.0}).image, wanted[style]):
                wrong.append(style)

    threads = [threading.Thread(target=visit, args=(style,)) for style in ("hayao", "ink") * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_guest_is_drawn_and_named_by_its_hash(context, tiny_home, tmp_path):
    folder = tmp_path / "mine"
    shutil.copytree(tiny_home / "ink", folder)
    name = context.engine.add(folder)
    assert name.startswith("ink-")
    assert context.engine.folder_of(name) == folder
    guest = context.engine.draw(PHOTO, {name: 1.0}).image
    assert np.array_equal(guest, context.engine.draw(PHOTO, {"ink": 1.0}).image)
    assert name not in context.engine.shipped


def test_a_folder_without_an_adapter_is_refused(context, tmp_path):
    with pytest.raises(CheckpointError, match="no weights there"):
        context.engine.add(tmp_path)


def test_the_oldest_guest_goes(context, tiny_home, tmp_path, monkeypatch):
    monkeypatch.setattr("multitoon.demo.engine.GUESTS", 1)
    names = []
    for style in ("ink", "hayao"):
        shutil.copytree(tiny_home / style, tmp_path / style)
        names.append(context.engine.add(tmp_path / style))
    with pytest.raises(UnknownNameError):
        context.engine.folder_of(names[0])
    assert context.engine.folder_of(names[1]) == tmp_path / "hayao"
