"""The four normalizations of the united systems, one class each.

A norm is split in two so that styles can be mixed exactly: `normalize(x)` takes out the statistics, and
`affine()` gives the scale and shift per channel that follow. `forward(x)` is `normalize(x) * scale + shift`.

=============  ==========================================================  ===========================
name           statistics over                                             source
=============  ==========================================================  ===========================
`in`           H, W of each channel of each picture                        Ulyanov et al. 2016
`ln`           C, H, W of each picture                                     Ba et al. 2016
`lin-choice`   `in` or `ln`, whichever answers more strongly               LWComicGAN, eq. 7
`lin-gate`     rho * in + (1 - rho) * ln, rho learnt per channel           Kim et al. 2020 (U-GAT-IT)
`pbn`          the training set: fixed at inference, folds into the conv   Goodfellow et al., 8.7.1
=============  ==========================================================  ===========================
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from multitoon.errors import UnknownNameError


class Affine(nn.Module):
    """A learnt scale and shift per channel; the base of every norm here."""

    per_picture = True
    """Whether the statistics come from the picture itself: then tiles show seams and video flickers."""

    def __init__(self, channels: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.eps = eps
        self.scale = nn.Parameter(torch.ones(channels))
        self.shift = nn.Parameter(torch.zeros(channels))

    def normalize(self, x: Tensor) -> Tensor:
        """`x` (B, C, H, W) without its statistics."""
        return x

    def affine(self) -> tuple[Tensor, Tensor]:
        """Scale and shift, each (C,), to be applied after `normalize`."""
        return self.scale, self.shift

    def forward(self, x: Tensor) -> Tensor:
        scale, shift = self.affine()
        return self.normalize(x) * _per_channel(scale) + _per_channel(shift)


class InstanceNorm(Affine):
    """(x - mean) / sqrt(var + eps) over H, W, with the biased variance (CartoonGAN's)."""

    def normalize(self, x: Tensor) -> Tensor:
        return _standardize(x, (2, 3), self.eps)


class LayerNorm(Affine):
    """(x - mean) / sqrt(var + eps) over C, H, W, with the biased variance."""

    def normalize(self, x: Tensor) -> Tensor:
        return _standardize(x, (1, 2, 3), self.eps)


class LayerInstanceChoice(Affine):
    """LWComicGAN's optional instance-layer norm: one of the two per layer, whichever value is larger (eq. 7).

    Eq. 7 as printed divides by the variance: a = (x - mean) / var. We compare the two layers' mean |a| in
    that printed form, since with the usual square root both are about 0.8 and the comparison says
    nothing; what is passed on divides by sqrt(var + eps), since the printed form makes the scale of a
    layer depend on the contrast of the picture. Training keeps a running mean of the comparison; its
    sign is the one fixed choice of the layer at inference and in exports.
    """

    def __init__(self, channels: int, eps: float = 1e-5) -> None:
        super().__init__(channels, eps)
        self.register_buffer("preference", torch.zeros(()))

    def normalize(self, x: Tensor) -> Tensor:
        if self.training:
            with torch.no_grad():
                instance = _printed_response(x, (2, 3), self.eps)
                layer = _printed_response(x, (1, 2, 3), self.eps)
                # The logarithm keeps one flat picture (variance near 0) from deciding for all the others.
                self.preference.lerp_((instance / layer).log().to(self.preference), 0.05)
        dims = (2, 3) if self.preference >= 0 else (1, 2, 3)
        return _standardize(x, dims, self.eps)


class LayerInstanceGate(Affine):
    """rho * IN + (1 - rho) * LN with rho in [0, 1] learnt per channel (Kim et al. 2020, eq. 1)."""

    def __init__(self, channels: int, eps: float = 1e-5) -> None:
        super().__init__(channels, eps)
        self.gate = nn.Parameter(torch.full((channels,), 0.9))

    def normalize(self, x: Tensor) -> Tensor:
        gate = _per_channel(self.gate.clamp(0, 1))
        return gate * _standardize(x, (2, 3), self.eps) + (1 - gate) * _standardize(x, (1, 2, 3), self.eps)


class ParameterizedBatchNorm(Affine):
    """Batch normalization with gamma and beta learnt per channel (Goodfellow et al., ch. 8.7.1; LC-GAN).

    At inference the statistics are constants, so that the layer is affine and folds into the convolution
    before it: nothing depends on the rest of the picture. With `frozen` set, training uses those
    constants too, which is how the last part of a training closes the gap to inference.
    """

    per_picture = False

    def __init__(self, channels: int, eps: float = 1e-5, momentum: float = 0.05) -> None:
        super().__init__(channels, eps)
        self.momentum = momentum
        self.frozen = False
        self.average: Callable[[Tensor], Tensor] | None = None
        """The mean over the processes that share a batch, where there are several; gradients flow through."""
        self.processes = 1
        """How many those are."""
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("var", torch.ones(channels))

    def affine(self) -> tuple[Tensor, Tensor]:
        scale = self.scale / (self.var + self.eps).sqrt()
        return scale, self.shift - self.mean * scale

    def forward(self, x: Tensor) -> Tensor:
        if self.training and not self.frozen:
            if self.average is not None:
                return self._over_processes(x, self.average)
            return nn.functional.batch_norm(
                x, self.mean, self.var, self.scale, self.shift, True, self.momentum, self.eps
            )
        return super().forward(x)

    def _over_processes(self, x: Tensor, average: Callable[[Tensor], Tensor]) -> Tensor:
        """What `batch_norm` does, with the statistics of all processes' pictures."""
        mean = average(x.mean((0, 2, 3)))
        var = average((x - _per_channel(mean)).square().mean((0, 2, 3)))
        count = x.numel() // x.shape[1] * self.processes
        with torch.no_grad():
            self.mean.lerp_(mean, self.momentum)
            self.var.lerp_(var * count / (count - 1), self.momentum)
        scale = self.scale / (var + self.eps).sqrt()
        return x * _per_channel(scale) + _per_channel(self.shift - mean * scale)


NORMS: dict[str, type[Affine]] = {
    "in": InstanceNorm,
    "ln": LayerNorm,
    "lin-choice": LayerInstanceChoice,
    "lin-gate": LayerInstanceGate,
    "pbn": ParameterizedBatchNorm,
}


def build_norm(name: str, channels: int, eps: float = 1e-5) -> Affine | None:
    """The norm called `name`, or None for `"none"`."""
    if name == "none":
        return None
    if name not in NORMS:
        raise UnknownNameError("normalization", name, [*NORMS, "none"])
    return NORMS[name](channels, eps)


def freeze_statistics(module: nn.Module, frozen: bool = True) -> None:
    """Make every `pbn` in `module` train with its running statistics (see `ParameterizedBatchNorm`)."""
    for norm in module.modules():
        if isinstance(norm, ParameterizedBatchNorm):
            norm.frozen = frozen


def _per_channel(v: Tensor) -> Tensor:
    return v.view(1, -1, 1, 1)


def _standardize(x: Tensor, dims: tuple[int, ...], eps: float) -> Tensor:
    var, mean = torch.var_mean(x, dims, correction=0, keepdim=True)
    return (x - mean) / (var + eps).sqrt()


def _printed_response(x: Tensor, dims: tuple[int, ...], eps: float) -> Tensor:
    var, mean = torch.var_mean(x, dims, correction=0, keepdim=True)
    return ((x - mean) / (var + eps)).abs().mean()
