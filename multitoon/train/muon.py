"""Muon (Jordan et al. 2024): momentum whose matrices are made orthogonal, and Adam for what is no matrix.

A gradient's few large singular values would otherwise drown the small ones, and with them rare strokes: 250
steps on one style covered as much of the way to its teacher as 500 of Adam's. torch.optim.Muon takes matrices
only; a convolution's weights (out, in, h, w) are one here, (out, in h w).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

SMALLEST_SIDE = 4
"""Matrices with a shorter side have too few singular values to even out: they are left to Adam."""
MATRIX_RATE = 10.0
"""Muon's rate in units of Adam's: its updates have a norm of their own."""
BETAS = (0.9, 0.99)
"""Adam's."""
MOMENTUM = 0.95
"""Muon's, in Nesterov's form."""


class MuonWithAdam(torch.optim.Optimizer):
    """Muon for the matrices among `parameters`, Adam (eps 1e-8) for the rest, at one learning rate.

    Setting each group's `lr` sets Adam's rate; matrices take `MATRIX_RATE` times as much.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], lr: float = 1e-3) -> None:
        groups: dict[bool, list[nn.Parameter]] = {True: [], False: []}
        for parameter in parameters:
            groups[_is_matrix(parameter)].append(parameter)
        super().__init__(
            [{"params": group, "matrices": flag} for flag, group in groups.items() if group], {"lr": lr}
        )

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    update = self._muon if group["matrices"] else self._adam
                    update(parameter, group["lr"], self.state[parameter])
        return loss

    def _muon(self, parameter: Tensor, lr: float, state: dict) -> None:
        momentum = state.setdefault("momentum", torch.zeros_like(parameter))
        momentum.lerp_(parameter.grad, 1 - MOMENTUM)
        direction = orthogonalized(parameter.grad.lerp(momentum, MOMENTUM).flatten(1))
        rows, columns = direction.shape
        scale = max(1.0, rows / columns) ** 0.5
        parameter.add_(direction.view_as(parameter), alpha=-lr * MATRIX_RATE * scale)

    def _adam(self, parameter: Tensor, lr: float, state: dict) -> None:
        if not state:
            state.update(
                step=torch.zeros(()), mean=torch.zeros_like(parameter), square=torch.zeros_like(parameter)
            )
        state["step"] += 1
        count = state["step"].item()
        state["mean"].lerp_(parameter.grad, 1 - BETAS[0])
        state["square"].lerp_(parameter.grad.square(), 1 - BETAS[1])
        mean = state["mean"] / (1 - BETAS[0] ** count)
        square = state["square"] / (1 - BETAS[1] ** count)
        parameter.addcdiv_(mean, square.sqrt().add_(1e-8), value=-lr)


def orthogonalized(matrix: Tensor, steps: int = 5) -> Tensor:
    """`matrix` (M, N) with singular values near 1 (0.7 to 1.2), by Newton and Schulz's iteration.

    X <- 3.4445 X - 4.7750 (X X^T) X + 2.0315 (X X^T)^2 X, from X = matrix / |matrix| (Jordan's coefficients).
    """
    wide = matrix.shape[0] <= matrix.shape[1]
    x = matrix if wide else matrix.T
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        a = x @ x.T
        x = 3.4445 * x + (2.0315 * a @ a - 4.7750 * a) @ x
    return x if wide else x.T


def _is_matrix(parameter: Tensor) -> bool:
    return parameter.ndim >= 2 and min(parameter.shape[0], parameter[0].numel()) >= SMALLEST_SIDE
