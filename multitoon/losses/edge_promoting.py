"""CartoonGAN's adversarial loss, in which smooth edges are a fault (Chen et al. 2018, eq. 3)."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def edge_promoting_discriminator(cartoon: Tensor, smoothed: Tensor, toon: Tensor) -> Tensor:
    """-E[log D(c)] - E[log(1 - D(e))] - E[log(1 - D(G(p)))], to be minimized.

    All three are scores before the sigmoid, of any shape: of cartoons, of the same with their edges smoothed
    (`filters/smooth_edges.py`), and of toons.
    """
    return F.softplus(-cartoon).mean() + F.softplus(smoothed).mean() + F.softplus(toon).mean()


def edge_promoting_generator(toon: Tensor) -> Tensor:
    """-E[log D(G(p))], for scores of any shape.

    Eq. 3 has E[log(1 - D(G(p)))], whose gradient vanishes while the critic wins; this is the usual form, with
    the same fixed point (Goodfellow et al. 2014, section 3).
    """
    return F.softplus(-toon).mean()
