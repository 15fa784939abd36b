"""The inker's pass over a target."""

from __future__ import annotations

import torch

from multitoon.data.outline import OutlineConfig, line_sheet, outlined


def house() -> torch.Tensor:
    """A dark square with noise on it before a bright ground, (1, 3, 96, 96)."""
    photo = torch.full((1, 3, 96, 96), 0.6)
    photo[..., 32:64, 32:64] = -0.4
    return photo + 0.01 * torch.randn(photo.shape, generator=torch.Generator().manual_seed(0))


def test_the_sheet_has_lines_at_edges_and_paper_elsewhere() -> None:
    sheet = line_sheet(house())
    assert sheet.shape == (1, 3, 96, 96)
    assert sheet[0, 0, 30:34, 48].min() < -0.5
    assert sheet[0, :, :20].min() > 0.95


def test_each_width_holds_the_thinner_one() -> None:
    thin, medium, bold = line_sheet(house())[0]
    assert (medium <= thin).all()
    assert (bold <= medium).all()
    assert medium.mean() < thin.mean() - 1e-3


def test_ink_darkens_by_its_share() -> None:
    target, sheet = torch.full((1, 3, 8, 8), 0.5), torch.ones(1, 3, 8, 8)
    sheet[:, 0, 2] = -1
    inked = outlined(target, sheet, OutlineConfig(ink=0.6))
    torch.testing.assert_close(inked[0, 0, 2], torch.full((8,), 1.5 * 0.4 - 1))
    torch.testing.assert_close(inked[0, 0, 3], target[0, 0, 3])


def test_colored_ink_never_lightens() -> None:
    target, sheet = torch.full((1, 3, 8, 8), 0.5), -torch.ones(1, 3, 8, 8)
    target[..., :4] = -0.9
    inked = outlined(target, sheet, OutlineConfig(ink=1.0, color=(0.2, 0.1, 0.0)))
    torch.testing.assert_close(inked[0, :, 0, 7], torch.tensor([-0.6, -0.8, -1.0]))
    torch.testing.assert_close(inked[0, :, 0, 0], torch.tensor([-0.9, -0.9, -1.0]))


def test_where_lines_crowd_they_become_fainter_and_a_single_one_stays() -> None:
    target, sheet = torch.full((1, 3, 128, 128), 0.5), torch.ones(1, 3, 128, 128)
    sheet[:, :, 20] = -1  # a contour
    sheet[:, :, 80::4] = -1  # and a grating
    config = OutlineConfig(ink=1.0, crowd=0.05)
    inked, all_of_it = outlined(target, sheet, config), outlined(target, sheet, OutlineConfig(ink=1.0))
    assert torch.equal(inked[..., 20, :], all_of_it[..., 20, :])
    # Every fourth row is a quarter of ink, five times the crowd's: 5^-1.5 of it is left.
    left = (target - inked)[0, 0, 104, 64] / (target - all_of_it)[0, 0, 104, 64]
    assert abs(left.item() - 5**-1.5) < 0.02
