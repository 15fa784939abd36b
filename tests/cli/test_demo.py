import importlib.util
import threading

import pytest

pytest.importorskip("gradio")


@pytest.fixture
def opened(monkeypatch):
    """What the command built and launched, without building or launching anything."""
    seen = {}

    class Page:
        def close(self, **_):
            seen["closed"] = True

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("multitoon.demo.build", lambda settings: seen.update(settings=settings) or Page())
    monkeypatch.setattr(
        "multitoon.demo.launch", lambda page, settings, **options: seen.update(options) or "http://here:1/"
    )
    monkeypatch.setattr(threading, "Event", lambda: type("Event", (), {"wait": interrupt}))
    monkeypatch.setattr("signal.signal", lambda *_: None)
    return seen


def test_the_address_is_the_result_and_ctrl_c_closes_the_page(run, opened):
    result = run("demo", "--host", "0.0.0.0", "--port", 8000, "--no-browser", "--no-training")
    assert result.stdout == "http://here:1/\n"
    assert result.exit_code == 130
    assert opened["closed"]
    assert (opened["server_name"], opened["server_port"], opened["inbrowser"]) == ("0.0.0.0", 8000, False)
    assert opened["settings"].training is False


def test_training_is_on_at_home(run, opened, monkeypatch):
    monkeypatch.delenv("SPACE_ID", raising=False)
    run("demo")
    assert opened["settings"].training
    assert opened["inbrowser"]


def test_without_gradio_it_says_what_to_install(run, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if name == "gradio" else find(name, *a)
    )
    result = run("demo", "--no-browser")
    assert result.exit_code == 1
    assert "Hint: pip install 'multitoon[demo]'" in result.stderr
