"""ONNX Runtime on the CPU: the one place here that imports it, and only when it is used."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from multitoon.errors import CheckpointError, MissingExtraError

if TYPE_CHECKING:
    from types import ModuleType

    import onnxruntime


def runtime_version() -> str:
    """Such as `onnxruntime 1.31.1`."""
    return f"onnxruntime {_runtime().__version__}"


def open_session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    """A session for the file at `path`, with all optimizations.

    Raises:
        CheckpointError: not an ONNX file.
        MissingExtraError: onnxruntime is not installed.
    """
    options = _runtime().SessionOptions()
    options.intra_op_num_threads = threads
    return _open(path, options)


def run(session: onnxruntime.InferenceSession, array: np.ndarray) -> np.ndarray:
    """The first output for the only input."""
    return session.run(None, {session.get_inputs()[0].name: array})[0]


def profile(path: Path, array: np.ndarray) -> list[dict[str, Any]]:
    """The nodes of one run on `array`: `op_name`, `input_type_shape` and `output_type_shape` of each.

    Without optimizations, so that the nodes are those in the file.
    """
    runtime = _runtime()
    options = runtime.SessionOptions()
    options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.enable_profiling = True
    with tempfile.TemporaryDirectory() as folder:
        options.profile_file_prefix = str(Path(folder) / "profile")
        session = _open(path, options)
        run(session, array)
        events = json.loads(Path(session.end_profiling()).read_text(encoding="utf-8"))
    return [event["args"] for event in events if event["name"].endswith("_kernel_time")]


def _open(path: Path, options: onnxruntime.SessionOptions) -> onnxruntime.InferenceSession:
    options.log_severity_level = 3  # errors: its warnings are about how it optimizes
    reasons = _runtime().capi.onnxruntime_pybind11_state
    try:
        return _runtime().InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except (reasons.NoSuchFile, reasons.InvalidProtobuf, reasons.InvalidGraph, reasons.Fail) as error:
        raise CheckpointError(f"{path}: not a file that ONNX Runtime opens ({error}).") from error


def _runtime() -> ModuleType:
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingExtraError("Running ONNX files", "export") from error
    return onnxruntime
