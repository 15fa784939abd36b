import pytest
import torch

from multitoon.color import delta_e_2000, rgb_to_lab
from multitoon.evaluate.drift import color_drift
from tests.evaluate.conftest import pictures


def test_no_drift_from_itself():
    x = pictures(2, 3, 40, 40)
    assert color_drift(x, x).tolist() == [0, 0]


def test_a_tint_counts_in_full():
    sky = torch.tensor([-0.2, 0.3, 0.8], dtype=torch.float64).view(1, 3, 1, 1).expand(1, 3, 40, 40)
    orange = torch.tensor([0.7, 0.1, -0.6], dtype=torch.float64).view(1, 3, 1, 1).expand(1, 3, 40, 40)
    expected = delta_e_2000(rgb_to_lab(sky), rgb_to_lab(orange))[0, 0, 0, 0].item()
    assert color_drift(sky, orange).item() == pytest.approx(expected)
    assert expected > 40


def test_lines_hardly_count():
    gray = torch.zeros(1, 3, 64, 64, dtype=torch.float64)
    lined = gray.clone()
    lined[..., ::2] = 0.2
    lined[..., 1::2] = -0.2
    assert color_drift(lined, gray).item() < 1  # what is left is at the border
    assert delta_e_2000(rgb_to_lab(lined), rgb_to_lab(gray)).mean() > 8
