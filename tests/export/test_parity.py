import math

import pytest
import torch

from multitoon.export.parity import LEVEL, SIZES, measure_parity
from multitoon.export.wrap import Contract, PhotoToToon


def test_the_network_itself_has_none(merged):
    parity = measure_parity(PhotoToToon(merged), merged, Contract(), "fp32")
    assert parity.max_difference == 0
    assert parity.holds
    assert tuple(part.size for part in parity.sizes) == SIZES
    assert {part.batch for part in parity.sizes} == {2}
    assert parity.psnr is None


@pytest.mark.parametrize(("shift", "holds"), [(5e-5, True), (2e-4, False), (math.nan, False)])
def test_a_shift_is_found(merged, shift, holds):
    network = PhotoToToon(merged)
    parity = measure_parity(lambda x: network(x) + shift, merged, Contract(), "fp32")
    assert parity.max_difference == pytest.approx(shift, abs=1e-6, nan_ok=True)
    assert parity.holds is holds


def test_the_mean_of_int8_counts(merged):
    network = PhotoToToon(merged)

    def exported(x):
        y = network(x)
        y[:, :, 0, 0] += 1  # far off, but rare
        return y

    parity = measure_parity(exported, merged, Contract(), "int8")
    assert parity.max_difference == pytest.approx(1)
    assert parity.mean_difference == pytest.approx(1 / (45 * 67))
    assert parity.psnr == pytest.approx(10 * math.log10(4 * 45 * 67), abs=0.01)
    assert parity.holds
    assert not measure_parity(lambda x: network(x) + 0.021, merged, Contract(), "int8").holds
    # Rounding to bytes adds nothing to a mean.
    contract = Contract("uint8")
    assert measure_parity(PhotoToToon(merged, contract), merged, contract, "int8").limit == 0.02


def test_bytes_may_differ_by_a_rounding(merged):
    contract = Contract("uint8")
    network = PhotoToToon(merged, contract)
    parity = measure_parity(lambda x: network(x) ^ 1, merged, contract, "fp32")  # every value one step off
    assert parity.max_difference == pytest.approx(LEVEL)
    assert parity.holds
    parity = measure_parity(lambda x: network(x) ^ 2, merged, contract, "fp32")
    assert not parity.holds


def test_the_network_is_left_in_full_precision(merged):
    assert {p.dtype for p in merged.parameters()} == {torch.float32}
