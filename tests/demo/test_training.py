import dataclasses
import json
import sys
import time

import pytest
import yaml
from PIL import Image

from multitoon.config import from_dict
from multitoon.demo.settings import DemoSettings
from multitoon.demo.stops import Stops
from multitoon.demo.training import Training, copy_pictures
from multitoon.demo.your_style import (
    HUES,
    check_pictures,
    recipe,
    style_name,
    train,
    trained_file,
    turn_hues,
)
from multitoon.errors import TrainingError, UsageError
from multitoon.train.config import TrainConfig

# Does what `multitoon train-adapter` does to a run's folder, in a second.
PROGRAM = """
import json, pathlib, shutil, sys, time
words = sys.argv[1:]
run = pathlib.Path(words[words.index("-o") + 1])
style = words[words.index("--style") + 1]
assert len(list(pathlib.Path(words[words.index("--style-images") + 1]).iterdir())) == 20
assert (pathlib.Path(words[words.index("--init-from") + 1]) / "adapter_model.safetensors").is_file()
shutil.copyfile(words[words.index("--config") + 1], run / "config.yaml")
(run / "samples").mkdir(parents=True, exist_ok=True)
for step in range(1, 4):
    if style == "endless":
        time.sleep(600)
    if style == "broken":
        sys.exit("Error: it broke.\\nHint: mend it.")
    with (run / "log.jsonl").open("a") as log:
        log.write(json.dumps({"step": step, "steps_per_second": 2.0}) + "\\n")
    photo = next(pathlib.Path(words[words.index("--photos") + 1]).iterdir())
    shutil.copyfile(photo, run / "samples" / f"{step}.png")
    time.sleep(0.1)
shutil.copytree(FOLDER, run / style)
"""


@pytest.fixture
def program(monkeypatch, tmp_path, tiny_home):
    """The stand-in for the real command, which takes minutes."""
    path = tmp_path / "train.py"
    path.write_text(PROGRAM.replace("FOLDER", repr(str(tiny_home / "ink"))))
    monkeypatch.setattr("multitoon.demo.training.PROGRAM", (sys.executable, str(path)))
    monkeypatch.setattr("multitoon.demo.your_style.POLL", 0.05)


@pytest.fixture
def pictures(tmp_path):
    """Twenty uploads, two of one name."""
    paths = []
    for number in range(20):
        path = tmp_path / str(number) / ("same.png" if number < 2 else f"{number}.png")
        path.parent.mkdir()
        Image.new("RGB", (8, 8), (number, 0, 0)).save(path)
        paths.append(str(path))
    return paths


def is_free() -> bool:
    """Whether a training could start now."""
    if Training._one.acquire(blocking=False):
        Training._one.release()
        return True
    return False


def test_a_run_ends_as_a_style_and_a_file(context, program, pictures):
    shown = list(train(context, Stops(), pictures, None, "My ink!", 100, ["old-1"], "visitor"))
    line, sample, file, guests = shown[-1]
    assert "ready" in line
    assert guests[0] == "old-1"
    assert guests[1].startswith("ink-")
    assert sample.endswith(".png")
    assert file.endswith("my-ink.zip")
    assert context.engine.folder_of(guests[1]).name == "my-ink"
    assert any(line.startswith("Step ") for line, *_ in shown)


def test_stop_ends_the_process(context, program, pictures):
    stops = Stops()
    run = train(context, stops, pictures, None, "endless", 100, [], "visitor")
    assert next(run)[0].startswith("Getting ready")
    stops.stop("visitor")
    assert next(run)[0] == "Stopped; nothing was kept."
    assert list(run) == []
    assert is_free()


def test_stop_is_heard_while_waiting_in_line(context, program, pictures):
    stops = Stops()
    stops.expect("visitor")
    stops.stop("visitor")
    shown = list(train(context, stops, pictures, None, "endless", 100, [], "visitor"))
    assert [line for line, *_ in shown] == ["Stopped before it began."]
    stops.expect("visitor")
    assert not stops.start("visitor").is_set()


def test_programs_get_the_file_alone(context, program, pictures):
    *waiting, file = trained_file(context, pictures, "mine", 100)
    assert set(waiting) == {None}
    assert file.endswith("mine.zip")


@pytest.mark.parametrize("steps", [0, 2001, float("nan")])
def test_numbers_of_steps(context, pictures, steps):
    with pytest.raises(UsageError, match="must be 1 to 2000"):
        next(train(context, Stops(), pictures, None, "mine", steps, [], "visitor"))


def test_pictures_that_were_deleted_meanwhile(tmp_path, pictures):
    with pytest.raises(TrainingError, match=r"gone\.png is no longer here"):
        copy_pictures([*pictures, "gone.png"], tmp_path / "copies")


def test_a_visitor_who_leaves_ends_the_process(context, program, pictures):
    run = train(context, Stops(), pictures, None, "endless", 100, [], "visitor")
    next(run)
    started = time.monotonic()
    run.close()
    assert time.monotonic() - started < 5
    assert is_free()


def test_an_error_is_told(context, program, pictures):
    with pytest.raises(TrainingError, match=r"The training stopped: it broke\. mend it\."):
        list(train(context, Stops(), pictures, None, "broken", 100, [], "visitor"))


def test_one_at_a_time(context, program, pictures, tmp_path):
    with (
        Training(tmp_path / "first", []),
        pytest.raises(TrainingError, match="Another style is being trained"),
    ):
        list(train(context, Stops(), pictures, None, "mine", 100, [], "visitor"))


def test_off_by_the_switch(context, pictures, monkeypatch):
    off = dataclasses.replace(context, settings=DemoSettings(training=False))
    with pytest.raises(TrainingError, match="Training is off"):
        next(train(off, Stops(), pictures, None, "mine", 100, [], "visitor"))
    monkeypatch.setenv("SPACE_ID", "someone/space")
    assert not DemoSettings.from_environment().training
    monkeypatch.setenv("MULTITOON_DEMO_TRAINING", "1")
    assert DemoSettings.from_environment().training


@pytest.mark.parametrize("count", [0, 19, 201])
def test_too_few_or_too_many(count):
    with pytest.raises(UsageError, match=f"{count} pictures of the style; wanted 20 to 200"):
        check_pictures(["x.png"] * count)


def test_names():
    assert style_name(" My Ink! ") == "my-ink"
    with pytest.raises(UsageError):
        style_name("../..")


def test_the_recipe_is_a_config():
    config = from_dict(TrainConfig, yaml.safe_load(yaml.safe_dump(recipe(100))), "recipe")
    assert config.total_steps == 100


def test_hues_turn_once_around(tmp_path):
    Image.new("RGB", (4, 4), (200, 40, 40)).save(tmp_path / "red.jpg")
    turn_hues([tmp_path / "red.jpg"], tmp_path)
    turned = [Image.open(path).getpixel((1, 1)) for path in sorted(tmp_path.glob("*.png"))]
    assert len(set(turned)) == HUES == 8
    assert [turned[turn].index(max(turned[turn])) for turn in (0, 3, 5)] == [0, 1, 2]  # red, green, blue
    assert all(abs(max(pixel) - 200) < 4 and abs(min(pixel) - 40) < 4 for pixel in turned)


def test_uploads_get_numbers(tmp_path, pictures):
    assert copy_pictures(pictures, tmp_path / "copies") == 20
    assert sorted(path.name for path in (tmp_path / "copies").iterdir())[:2] == ["0000.png", "0001.png"]


def test_half_a_line_of_the_log_is_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "multitoon.demo.training.PROGRAM", (sys.executable, "-c", "import time; time.sleep(60)")
    )
    with Training(tmp_path / "run", []) as training:
        whole = json.dumps({"step": 20, "steps_per_second": 2.0})
        (tmp_path / "run" / "log.jsonl").write_text(whole + '\n{"step": 40, "st')
        (tmp_path / "run" / "config.yaml").write_text("phases: [{steps: 100}, {steps: 40}]")
        progress = training.progress()
    assert (progress.step, progress.total, progress.rate) == (20, 140, 2.0)
    assert progress.line == "Step 20 of 140, 1 min left"
