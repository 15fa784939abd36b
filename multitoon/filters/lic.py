"""Line integral convolution: a flow field made visible, as noise combed along its streamlines.

Cabral, Leedom, *Imaging Vector Fields Using Line Integral Convolution*, SIGGRAPH 1993, section 4:

    out(x) = Σ_s w(s) noise(c_x(s)),   c_x the streamline through x,   w(s) = ½ (1 + cos(π s / (L + 1))) / k

The mean of N independent numbers has a standard deviation √(Σ w²) times as large; the result is stretched
about gray by its inverse, so that it has the noise's contrast whatever L is.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from multitoon.errors import UsageError
from multitoon.filters.gradient import require_channels
from multitoon.filters.streamline import sample, walk

CONTRAST = 0.7
"""Of the noise's own contrast: interpolated neighbors are not independent, and 1 would clip."""


def line_integral_convolution(flow: Tensor, seed: int = 0, length: int = 15) -> Tensor:
    """Noise combed along `flow` (B, 2, H, W), as (B, 1, H, W) in [0, 1].

    Args:
        seed: of the white noise, drawn on the CPU: the same picture on every device.
        length: L, how far a streamline is followed to either side, in pixels.

    Raises:
        UsageError: `flow` is not (B, 2, H, W), or `length` is below 1.
    """
    require_channels(flow, 2, "flow")
    if length < 1:
        raise UsageError(f"length is {length}, must be at least 1 pixel.")
    shape = (flow.shape[0], 1, *flow.shape[2:])
    noise = torch.rand(shape, generator=torch.Generator().manual_seed(seed)).to(flow) - 0.5
    taps = [(1 + math.cos(math.pi * s / (length + 1))) / 2 for s in range(length + 1)]
    total = noise * taps[0]
    for step, points in walk(flow, length):
        total.add_(sample(noise, points), alpha=taps[step])
    spread = math.sqrt(taps[0] ** 2 + 2 * sum(tap**2 for tap in taps[1:]))
    return (0.5 + total * (CONTRAST / spread)).clamp(0, 1)
