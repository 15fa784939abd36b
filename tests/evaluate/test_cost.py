import torch

from multitoon.checkpoint import ADAPTER_WEIGHTS, BACKBONE_WEIGHTS
from multitoon.evaluate.cost import measure_cost, network_figures
from multitoon.stylize import MultiToon
from tests.conftest import gradient


def test_size_and_parity(tiny_home):
    toon = MultiToon.from_pretrained()
    toon.set_adapter("hayao")
    figures = network_figures(toon, torch.rand(1, 3, 64, 64) * 2 - 1)
    assert 0 < figures.parity_border <= figures.parity < 1e-4
    assert figures.backbone_bytes == (tiny_home / "backbone" / BACKBONE_WEIGHTS).stat().st_size
    assert figures.adapter_bytes == (tiny_home / "hayao" / ADAPTER_WEIGHTS).stat().st_size
    assert 0 < figures.adapter_parameters < figures.parameters


def test_time_and_memory_in_a_process_of_its_own(tiny_home, tmp_path):
    gradient(50, 40).save(tmp_path / "photo.png")
    figures = measure_cost("hayao", None, tmp_path / "photo.png", 1)
    assert (figures.size, figures.threads) == ((40, 50), 1)
    assert figures.milliseconds > 0
    assert figures.peak_megabytes is None or 50 < figures.peak_megabytes < 2000
