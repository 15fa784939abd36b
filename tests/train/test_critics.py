"""The style critic: what each objective shows it, and that its gradients reach the right player."""

from __future__ import annotations

import pytest
import torch

pytest.importorskip("accelerate")

from multitoon.filters.smooth_edges import smooth_edges
from multitoon.losses.gram import gray
from multitoon.train import critics
from multitoon.train.config import Phase, StyleCriticConfig, StyleTask, TrainConfig

X = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(0)) * 2 - 1
TOON = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(1)) * 2 - 1
SHARE = torch.full((2, 1, 1, 1), 0.5)


class Notebook:
    """A critic that takes down what it is shown."""

    def __init__(self) -> None:
        self.seen: list[torch.Tensor] = []

    def __call__(self, style: str, toon: torch.Tensor) -> tuple[list[torch.Tensor], torch.Tensor]:
        self.seen.append(toon.detach())
        return [], toon.mean((1, 2, 3), keepdim=True)


@pytest.mark.parametrize(
    ("objective", "shown"),
    [
        ("lsgan", [X, TOON]),
        ("edge_promoting", [X, smooth_edges(X), TOON]),
        ("animegan", [X, TOON, gray(X), smooth_edges(gray(X))]),
        ("wgan_gp", [X, TOON, 0.5 * X + 0.5 * TOON]),
    ],
)
def test_what_an_objective_shows(objective: str, shown: list[torch.Tensor]) -> None:
    notebook = Notebook()
    critics.style_loss(StyleCriticConfig(objective), notebook, "ink", X, TOON, SHARE)
    assert len(notebook.seen) == len(shown)
    for seen, expected in zip(notebook.seen, shown, strict=True):
        assert torch.allclose(seen, expected)


def test_a_gray_critic_sees_luminance_alone() -> None:
    notebook = Notebook()
    config = StyleCriticConfig(gray=True)
    critics.style_loss(config, notebook, "ink", X, TOON, SHARE)
    critics.style_term(config, notebook, "ink", TOON)
    assert all(torch.equal(seen, gray(seen)) for seen in notebook.seen) or all(
        torch.allclose(seen, gray(seen), atol=1e-6) for seen in notebook.seen
    )


@pytest.mark.parametrize("objective", critics.OBJECTIVES)
def test_a_critic_learns_to_tell_two_sets_apart(objective: str) -> None:
    torch.manual_seed(0)
    config = TrainConfig(
        (StyleTask("ink"),), (Phase(1),), style_critic=StyleCriticConfig(objective, (8, 16)), rank=2
    )
    critic = critics.style_critic(config, ["ink"])
    optimizer = torch.optim.Adam(critic.parameters(), 5e-3, betas=(0.5, 0.9))
    style, toon = (X * 0.2 + 0.5), (TOON * 0.8 - 0.3)
    for _ in range(25):
        loss = critics.style_loss(config.style_critic, critic, "ink", style, toon, SHARE)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert critic("ink", style)[1].mean() > critic("ink", toon)[1].mean()
    assert any(p.grad is not None and p.grad.abs().max() > 0 for p in critic.adapters["ink"].parameters())
