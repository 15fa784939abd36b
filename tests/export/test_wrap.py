import pytest
import torch

from multitoon.errors import UsageError
from multitoon.export.wrap import Contract, PhotoToToon
from multitoon.image import float_to_pixels
from multitoon.tiles import apply_tiled
from tests.export.conftest import photos


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (2, 3), (16, 17), (33, 47), (64, 80)])
def test_draws_what_stylize_draws(merged, size):
    x = photos(2, 3, *size)
    with torch.no_grad():
        toon = PhotoToToon(merged)(x)
        reference = apply_tiled(merged, x, tile=None, halo=merged.halo, multiple=merged.multiple)
    assert toon.shape == x.shape
    torch.testing.assert_close(toon, reference.clamp(-1, 1), rtol=0, atol=1e-6)


def test_bytes_channels_last(merged):
    contract = Contract("uint8", "nhwc")
    x = photos(1, 3, 20, 30)
    given = contract.apply(x)
    assert given.shape == (1, 20, 30, 3)
    assert given.dtype == torch.uint8
    with torch.no_grad():
        toon = PhotoToToon(merged, contract)(given)
        reference = PhotoToToon(merged)(given.permute(0, 3, 1, 2) / 127.5 - 1)
    assert toon.dtype == torch.uint8
    assert (toon.permute(0, 3, 1, 2).int() - float_to_pixels(reference).int()).abs().max() <= 1


def test_unknown_precision(merged):
    with pytest.raises(UsageError, match="precision is 'fp8', must be one of fp32, fp16"):
        PhotoToToon(merged, precision="fp8")
