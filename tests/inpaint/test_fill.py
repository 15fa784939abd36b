import pytest
import torch

from multitoon.checkpoint import load_backbone
from multitoon.image import to_tensor
from multitoon.inpaint.bank import build_bank
from multitoon.inpaint.fill import structured_fill
from multitoon.inpaint.match import Matches
from multitoon.inpaint.search import search
from tests.conftest import gradient

pytestmark = pytest.mark.usefixtures("tiny_home")


def striped_slope(height: int = 48, width: int = 64) -> torch.Tensor:
    """Stripes that grow brighter from left to right: no column has the colors of another."""
    x = torch.arange(width)
    return (0.2 * ((x // 3) % 2) + 1.2 * x / width - 0.8).expand(1, 3, height, -1).clone()


def middle(height: int = 48, width: int = 64) -> torch.Tensor:
    hole = torch.zeros(1, 1, height, width)
    hole[..., 16:32, 24:40] = 1
    return hole


@torch.no_grad()
def test_votes_for_differences_leave_less_error_than_votes_for_colors():
    x, hole = striped_slope(), torch.zeros(1, 1, 48, 64)
    hole[..., 27:39] = 1
    backbone = load_backbone()
    colors, differences = (
        (structured_fill(backbone, x.masked_fill(hole > 0, 0), hole, poisson=poisson) - x).square().mean()
        for poisson in (False, True)
    )
    assert differences < 0.5 * colors


@torch.no_grad()
def test_the_search_goes_down_to_its_matches_and_with_a_prior_to_the_bank(tmp_path):
    gradient(90, 70).save(tmp_path / "photo.png")
    backbone = load_backbone()
    bank = build_bank(backbone, [tmp_path / "photo.png"], count=60)
    x, hole = to_tensor(gradient(64, 48)), middle()
    queries = (torch.arange(8, 16)[:, None] * 32 + torch.arange(12, 20)).flatten()
    matches = Matches(queries, queries - 8 * 32, torch.ones(len(queries)))
    curves = {}
    for prior in (0.0, 1.0):
        curve = curves[prior] = []
        found = search(
            backbone, x, hole, matches, bank, 6, lambda _, loss, c=curve: c.append(loss) or True, prior=prior
        )
        assert torch.equal(found.where(hole == 0, x), x)
        assert curve[-1] < curve[0]
    assert curves[1.0][0] > curves[0.0][0]


@torch.no_grad()
def test_a_fill_that_is_ended_is_smooth_and_has_no_seam():
    x, hole = striped_slope(64, 96), torch.zeros(1, 1, 64, 96)
    hole[..., 12:52, 30:66] = 1  # deep enough for two scales
    found = structured_fill(load_backbone(), x, hole, on_round=lambda *_: False)
    steps = found.diff(dim=-1)[..., 20:44, 29:66].abs()
    assert steps.max() < 0.7 * x.diff(dim=-1).abs().max()
    assert torch.equal(found.where(hole == 0, x), x)
