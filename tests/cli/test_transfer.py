import json

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from multitoon.model.features import FeatureNetwork
from tests.conftest import gradient


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "vgg19.safetensors"
    torch.manual_seed(0)
    save_file(FeatureNetwork(["conv4_3"], "vgg19").body.state_dict(), path)
    return path


@pytest.fixture
def painting(tmp_path):
    path = tmp_path / "wave.png"
    gradient(40, 30, seed=3).rotate(90).save(path)
    return path


def test_files_and_metadata(run, weights, painting, photo_file, tmp_path):
    preview = tmp_path / "preview.png"
    words = ["transfer", photo_file, "--from", painting, "--steps", 2, "--max-size", 40]
    words += ["--feature-weights", weights, "--preview", preview]
    result = run(*words, "--json")
    assert result.exit_code == 0, result.stderr
    target = photo_file.with_name("photo.from-wave.png")
    assert json.loads(result.stdout)["results"][0]["output"] == str(target)
    assert "holds vgg19: its layers of the same names stand in for VGG16's" in result.stderr
    assert "[2/2] content" in result.stderr
    with Image.open(target) as image, Image.open(preview) as so_far:
        assert image.size == so_far.size == (40, 27)
        assert image.text["Style"] == "transfer from wave.png"
        assert image.text["Network"] == "vgg19"
    again = run(*words)
    assert again.exit_code == 1
    assert f"{preview} exists already." in again.stderr
    assert run(*words, "--overwrite").exit_code == 0


def test_usage(run, weights, painting, photo_file):
    words = ["transfer", photo_file, "--from", painting, "--feature-weights", weights]
    result = run(*words, "--style-weight", 0, "--content-weight", 0)
    assert result.exit_code == 2
    assert "Both weights are 0" in result.stderr
    assert run("transfer", photo_file).exit_code == 2
