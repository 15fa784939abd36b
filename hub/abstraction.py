"""The classical filters beside plain DoG and OpenCV's own: hub/abstraction.jpg.

    python hub/abstraction.py --out hub/abstraction.jpg

Plain DoG is the same difference of Gaussians and threshold as in `filters/lines.py`, without a flow: what the
flow gives is the difference between the two columns. The photos come with scikit-image.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
import torch
from gallery import CREDITS
from PIL import Image
from skimage import data_dir
from torch import Tensor

from multitoon import contact_sheet, read_photo
from multitoon.filters.abstraction import DEFAULT, REFERENCE_SIDE, abstract, draw_lines
from multitoon.filters.gradient import luminance
from multitoon.filters.lines import dog_lines
from multitoon.image import to_image, to_tensor

SIDE = 768
"""Longer side at which all draw, pixels."""
CELL = 300
"""Longer side of the sheet's pictures, pixels."""


def plain_lines(photo: Tensor) -> Tensor:
    """Lines of an isotropic DoG as wide as those of `draw_lines`, (B, 1, H, W) in [0, 1]."""
    sigma = DEFAULT.line_width * min(photo.shape[-2:]) / REFERENCE_SIDE
    return dog_lines(luminance(photo), sigma, DEFAULT.line_rho, DEFAULT.line_tau)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    rows = []
    for name in CREDITS:
        photo = read_photo(Path(data_dir) / name).scaled(SIDE).rgb
        x, bgr = to_tensor(photo), np.asarray(photo)[..., ::-1].copy()
        with torch.inference_mode():
            lines, plain = (_gray(part(x)) for part in (draw_lines, plain_lines))
            row = {"photo": photo, "lines": lines, "plain DoG": plain}
            row["multitoon abstract"] = to_image(abstract(x))
        row["OpenCV stylization"] = Image.fromarray(cv2.stylization(bgr)[..., ::-1])
        row["OpenCV edgePreservingFilter"] = Image.fromarray(cv2.edgePreservingFilter(bgr)[..., ::-1])
        rows.append(row)
    contact_sheet(rows, cell=CELL).save(arguments.out, quality=80)
    print(arguments.out)


def _gray(lines: Tensor) -> Image.Image:
    return to_image((2 * lines - 1).expand(-1, 3, -1, -1))


if __name__ == "__main__":
    main()
