"""A merged network with everything that surrounds it inside the graph: range, layout, border and crop."""

from __future__ import annotations

import dataclasses
from typing import Literal

import torch
from torch import Tensor, nn

from multitoon.errors import UsageError
from multitoon.model.backbone import Backbone
from multitoon.tiles import BORDER

PRECISIONS = {"fp32": torch.float32, "fp16": torch.float16}
"""What the network computes and stores its weights in; pictures go in and out as `Contract` says."""


@dataclasses.dataclass(frozen=True)
class Contract:
    """What goes in and what comes out: RGB, the same size, range and layout on both sides."""

    input: Literal["float", "uint8"] = "float"
    """`float`: fp32 in [-1, 1]; `uint8`: 0 to 255."""
    layout: Literal["nchw", "nhwc"] = "nchw"
    """Channels first, or last as in image files."""
    size: tuple[int, int] | None = None
    """The only (H, W) in pixels, for runtimes that want to know it beforehand; None takes any."""

    @property
    def range(self) -> tuple[int, int]:
        """The values of black and white."""
        return (-1, 1) if self.input == "float" else (0, 255)

    def apply(self, x: Tensor) -> Tensor:
        """Photos (B, 3, H, W) in [-1, 1] as this contract wants them."""
        x = x if self.input == "float" else _to_uint8(x)
        return x if self.layout == "nchw" else x.permute(0, 2, 3, 1).contiguous()


FLOAT_NCHW = Contract()
"""The contract of PyTorch, and the default everywhere."""


class PhotoToToon(nn.Module):
    """`network` for pictures of any size from 1x1, under `contract`; what comes out has the same size.

    The picture is mirrored around its border just as `tiles.apply_tiled` does it, so that both draw the same.

    >>> PhotoToToon(merged)(torch.zeros(1, 3, 5, 7)).shape                              # doctest: +SKIP
    torch.Size([1, 3, 5, 7])

    Raises:
        UsageError: an unknown precision.
    """

    def __init__(self, network: Backbone, contract: Contract = FLOAT_NCHW, precision: str = "fp32") -> None:
        super().__init__()
        if precision not in PRECISIONS:
            raise UsageError(f"precision is {precision!r}, must be one of {', '.join(PRECISIONS)}.")
        self.network = network
        self.contract = contract
        self.dtype = PRECISIONS[precision]

    def forward(self, photo: Tensor) -> Tensor:
        x = photo if self.contract.layout == "nchw" else photo.permute(0, 3, 1, 2)  # (B, 3, H, W)
        x = x.to(self.dtype)
        if self.contract.input == "uint8":
            x = x / 127.5 - 1
        height, width = x.shape[-2:]
        multiple = self.network.multiple
        x = _mirror(x, 2, BORDER, BORDER + -(height + 2 * BORDER) % multiple)
        x = _mirror(x, 3, BORDER, BORDER + -(width + 2 * BORDER) % multiple)
        y = self.network(x)[:, :, BORDER : BORDER + height, BORDER : BORDER + width]
        y = y.clamp(-1, 1)
        y = y.float() if self.contract.input == "float" else _to_uint8(y)
        return y if self.contract.layout == "nchw" else y.permute(0, 2, 3, 1)

    def example(self, batch: int = 2) -> Tensor:
        """A batch to trace with: no two of its sizes are equal and none is 1, so that all stay open."""
        return self.contract.apply(torch.zeros(batch, 3, *(self.contract.size or (64, 80))))

    def open_sizes(self) -> dict[int, object]:
        """Batch, and height and width unless the contract binds them, for the exporters' `dynamic_shapes`."""
        sides = (2, 3) if self.contract.layout == "nchw" else (1, 2)
        return dict.fromkeys((0, *(() if self.contract.size else sides)), torch.export.Dim.DYNAMIC)


def _mirror(x: Tensor, dim: int, before: int, after: int) -> Tensor:
    """`x` with `before` and `after` mirrored lines along `dim`, mirrored again where it is too short.

    Only the added lines are gathered: the whole picture by index would take ten times longer in ONNX Runtime,
    and its `Pad` cannot mirror a picture that is narrower than the border.
    """
    size = x.shape[dim]
    # The period of a mirrored line: n - 1 steps up and down; one pixel repeats itself.
    period = torch.full((1,), torch.sym_max(2 * (size - 1), 1), dtype=torch.long)

    def lines(i: Tensor) -> Tensor:
        i = i.remainder(period)
        return x.index_select(dim, torch.minimum(i, period - i))

    # Line -i is line i; runtimes don't agree on the remainder of a negative number.
    return torch.cat([lines(torch.arange(before, 0, -1)), x, lines(torch.arange(size, size + after))], dim)


def _to_uint8(x: Tensor) -> Tensor:
    return ((x.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
