"""ExecuTorch: a `.pte` file for phones and boards, its convolutions on XNNPACK, bound to one size."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import torch
from torch import Tensor

from multitoon.errors import MissingExtraError
from multitoon.export.wrap import PhotoToToon

METADATA = "metadata"
"""The name of the file's second method, which takes nothing and returns the metadata as a JSON string."""


def write_executorch(module: PhotoToToon, path: Path, metadata: Mapping[str, str]) -> None:
    """Write `module` to `path`, for one picture at a time of its contract's size.

    The size is fixed since ExecuTorch plans all memory when it writes: a large upper bound would be allocated
    whole for every small photo.

    Raises:
        MissingExtraError: executorch is not installed.
    """
    try:
        from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
        from executorch.exir import to_edge_transform_and_lower
    except ImportError as error:
        raise MissingExtraError("Export to ExecuTorch", "executorch") from error
    with _quiet():
        program = torch.export.export(module, (module.example(batch=1),), strict=False)
        lowered = to_edge_transform_and_lower(
            program,
            partitioner=[XnnpackPartitioner()],
            constant_methods={METADATA: json.dumps(dict(metadata), sort_keys=True)},
        )
        path.write_bytes(lowered.to_executorch().buffer)


def open_executorch(path: Path) -> Callable[[Tensor], Tensor]:
    """The network in `path` as a function of a picture, run by ExecuTorch picture by picture.

    Raises:
        MissingExtraError: executorch is not installed.
    """
    try:
        from executorch.runtime import Runtime
    except ImportError as error:
        raise MissingExtraError("Running a PTE file", "executorch") from error
    program = Runtime.get().load_program(path)
    method = program.load_method("forward")
    return lambda x: torch.cat([method.execute([picture])[0].clone() for picture in x.split(1)])


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Lowering logs each choice at level INFO and WARNING."""
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
