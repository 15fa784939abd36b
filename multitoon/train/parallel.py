"""Several processes as one: each computes its share of the batch, and gradients and losses are averaged.

Networks are not wrapped in DistributedDataParallel, which wants every weight to be used exactly once per
backward pass: a step uses one style's adapter of several, and asks a critic several times. Every process
starts from the same seed and applies the same average, so their weights stay equal without being sent.
"""

from __future__ import annotations

import torch
import torch.distributed as dist
from accelerate import Accelerator
from torch import Tensor

from multitoon.model.norms import ParameterizedBatchNorm


class Team:
    """The processes of a run, as the loop sees them; with one process everything is local."""

    def __init__(self, accelerator: Accelerator) -> None:
        self._accelerator = accelerator
        self.device = accelerator.device
        self.count = accelerator.num_processes
        self.mine = slice(accelerator.process_index, None, self.count)
        """Which crops of a batch are this process's."""

    def prepare(self, network: torch.nn.Module) -> torch.nn.Module:
        """`network` on the device, in the run's precision, saved with its checkpoints."""
        if self.count > 1:
            for norm in network.modules():
                if isinstance(norm, ParameterizedBatchNorm):
                    norm.average, norm.processes = mean_over_processes, self.count
        return self._accelerator.prepare_model(network, evaluation_mode=True)

    def backward(self, loss: Tensor, network: torch.nn.Module) -> None:
        """Gradients of the mean loss over all processes, in `network`'s weights."""
        self._accelerator.backward(loss)
        if self.count == 1:
            return
        # A style that this step did not use has no gradient, here as in the other processes.
        weights = [p for p in network.parameters() if p.grad is not None]
        flat = torch.cat([p.grad.flatten() for p in weights])
        dist.all_reduce(flat)
        flat /= self.count
        for p, part in zip(weights, flat.split([p.numel() for p in weights]), strict=True):
            p.grad.copy_(part.view_as(p))

    def clip(self, network: torch.nn.Module, norm: float) -> None:
        """Scale the gradients down to `norm` where they are longer."""
        self._accelerator.clip_grad_norm_(network.parameters(), norm)

    def means(self, terms: dict[str, Tensor]) -> dict[str, float]:
        """The losses by name, means over all processes."""
        if not terms:
            return {}
        values = torch.stack([value.detach().float() for value in terms.values()])
        if self.count > 1:
            dist.all_reduce(values)
            values /= self.count
        return dict(zip(terms, values.tolist(), strict=True))

    def any(self, flag: bool) -> bool:
        """Whether `flag` is set in one of the processes: what one does, all do."""
        if self.count == 1:
            return flag
        votes = torch.tensor(float(flag), device=self.device)
        dist.all_reduce(votes)
        return bool(votes)


def mean_over_processes(x: Tensor) -> Tensor:
    """The mean of `x` over the processes, through which gradients flow."""
    return _Mean.apply(x, dist.get_world_size())


class _Mean(torch.autograd.Function):
    """y = mean over processes of x; each process's dL/dx is the mean of all dL/dy.

    With L the mean of the processes' losses, that is the derivative which `backward` then averages.
    """

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, x: Tensor, count: int) -> Tensor:
        ctx.count = count
        y = x.clone()
        dist.all_reduce(y)
        return y / count

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, grad: Tensor) -> tuple[Tensor, None]:
        grad = grad.clone()
        dist.all_reduce(grad)
        return grad / ctx.count, None
