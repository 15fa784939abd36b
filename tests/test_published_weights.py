import pytest
import torch
from safetensors.torch import save_file

from multitoon.errors import CheckpointError
from multitoon.published_weights import expanded, opened, tensors_of


@pytest.mark.parametrize("shape", [(2,), (2, 1), (2, 1, 1, 1)])
def test_a_scale_per_row_may_have_any_number_of_axes(shape):
    raw = {"w": torch.full((2, 3, 1, 1), 4, dtype=torch.int8), "w.scale": torch.tensor([0.5, 2]).view(shape)}
    found = expanded(raw, "w.safetensors")
    assert found.keys() == {"w"}
    assert found["w"][:, 0, 0, 0].tolist() == [2, 8]


def test_what_has_no_scale_stays_as_it_is_in_fp32():
    found = expanded({"w": torch.ones(2, dtype=torch.half), "norm.scale": torch.ones(1)}, "w.safetensors")
    assert {key: value.dtype for key, value in found.items()} == dict.fromkeys(
        ("w", "norm.scale"), torch.float32
    )


def test_int8_without_its_scale_is_refused():
    with pytest.raises(CheckpointError, match=r"w\.safetensors: a is int8, and no a\.scale is beside it"):
        expanded({"a": torch.ones(2, dtype=torch.int8)}, "w.safetensors")


def test_files(tmp_path):
    save_file({"a": torch.ones(2)}, tmp_path / "w.safetensors", {"input": "caffe"})
    with opened(tmp_path / "w.safetensors") as file:
        assert file.metadata() == {"input": "caffe"}
        assert tensors_of(file)["a"].tolist() == [1, 1]
    with pytest.raises(CheckpointError, match="not a readable safetensors file"), opened(tmp_path / "none"):
        pass
