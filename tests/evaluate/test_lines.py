import pytest
import torch

from multitoon.evaluate.lines import line_counts, line_depth, lines


def paper(side: int = 64) -> torch.Tensor:
    return torch.full((1, 3, side, side), 0.6, dtype=torch.float64)


def test_a_line_is_dark_between_two_sides_and_an_edge_is_not():
    x = paper()
    x[..., 20:23] = -0.8  # a vertical line, 3 pixels wide
    x[..., 44:] = -0.8  # an edge
    depth = line_depth(x)[0, 0, 32]
    assert depth[21] > 0.5
    assert depth[26:].max() < 1e-6


def test_counts():
    x = paper()
    x[:, :, 10:54, 30:32] = -0.8
    found = lines(line_counts(x, x)[0])
    assert found.share == pytest.approx(44 * 2 / 64**2, rel=0.3)
    assert found.depth > 0.3
    assert found.strokes > 0.9
    assert found.supported == 1
    # The same line where the photo shows nothing is invented.
    assert lines(line_counts(x, paper())[0]).supported == 0


def test_a_speck_is_no_stroke():
    x = paper()
    x[:, :, 30:33, 30:33] = -0.8
    found = lines(line_counts(x, x)[0])
    assert found.share > 0
    assert found.strokes == 0


def test_counts_add_up_and_blank_paper_has_none():
    x = paper()
    x[..., 20:22] = -0.8
    both = torch.cat([x, paper()])
    one, pooled = line_counts(x, x)[0], line_counts(both, both).sum(0)
    assert lines(pooled).share == pytest.approx(lines(one).share / 2)
    assert lines(line_counts(paper(), paper())[0]) == lines(torch.tensor([1.0, 0, 0, 0, 0]))
