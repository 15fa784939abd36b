import pytest
import torch

from multitoon.errors import UsageError
from multitoon.inpaint.poisson import blend, graph_laplacian, integrate


def picture(seed: int, height: int = 24, width: int = 31) -> torch.Tensor:
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def two_holes(height: int = 24, width: int = 31) -> torch.Tensor:
    """One at the border and one inside."""
    hole = torch.zeros(1, 1, height, width)
    hole[..., :7, :5] = 1
    hole[..., 10:20, 12:25] = 1
    return hole


def test_cloning_a_picture_onto_itself_returns_it():
    x = picture(0)
    assert torch.equal(blend(x, x, two_holes()), x)


def test_solves_the_same_system_as_a_dense_solver():
    x, pasted, hole = picture(0, 9, 8), picture(1, 9, 8), torch.zeros(1, 1, 9, 8)
    hole[..., 3:9, 2:6] = 1  # down to the lower border, whose ends are free
    eye = torch.eye(72).view(72, 1, 9, 8)
    matrix = graph_laplacian(eye).flatten(1).double()
    inside = hole.flatten() > 0
    right = (matrix @ (pasted - x.masked_fill(hole > 0, 0)).flatten(2)[0].double().T)[inside]
    expected = torch.linalg.solve(matrix[inside][:, inside], right).T
    assert (blend(x, pasted, hole)[0].flatten(1)[:, inside] - expected).abs().max() < 2e-3


def test_a_patch_of_other_brightness_takes_the_photos():
    x = picture(0)
    assert (blend(x, x + 0.4, two_holes()) - x).abs().max() < 1e-5


def test_never_reads_inside_the_hole_and_leaves_the_outside_bit_for_bit():
    x, pasted, hole = picture(0), picture(1), two_holes()
    damaged = x.masked_fill(hole > 0, float("nan"))
    result = blend(damaged, pasted, hole)
    assert torch.equal(result, blend(x, pasted, hole))
    outside = (hole == 0).expand_as(x)
    assert torch.equal(result[outside], x[outside])


def test_refuses_other_shapes():
    with pytest.raises(UsageError, match="hole is"):
        blend(picture(0), picture(1), torch.zeros(1, 1, 5, 5))
    with pytest.raises(UsageError, match="pasted is"):
        blend(picture(0), picture(1, 5, 5), two_holes())


def test_integrates_differences_as_a_dense_solver_does():
    x, hole = picture(0, 9, 8), torch.zeros(1, 1, 9, 8)
    hole[..., 3:9, 2:6] = 1
    across, down = picture(1, 9, 7), picture(2, 8, 8)  # of no picture at all
    eye = torch.eye(72).view(72, 1, 9, 8)
    differences = torch.cat([eye.diff(dim=-1).flatten(1), eye.diff(dim=-2).flatten(1)], 1).T.double()
    wanted = torch.cat([across[0].flatten(1), down[0].flatten(1)], 1).T.double()
    inside = hole.flatten() > 0
    wanted = wanted - differences[:, ~inside] @ x[0].flatten(1).T.double()[~inside]
    expected = torch.linalg.lstsq(differences[:, inside], wanted).solution.T
    damaged = x.masked_fill(hole > 0, float("nan"))
    result = integrate(damaged, across, down, hole)
    assert (result[0].flatten(1)[:, inside] - expected).abs().max() < 2e-2
    outside = (hole == 0).expand_as(x)
    assert torch.equal(result[outside], x[outside])


def test_refuses_differences_that_do_not_fit():
    x = picture(0)
    with pytest.raises(UsageError, match="across and down are"):
        integrate(x, x, x, two_holes())
