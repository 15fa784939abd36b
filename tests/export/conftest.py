from __future__ import annotations

from pathlib import Path

import pytest
import torch

from multitoon.checkpoint import load_adapter, load_backbone
from multitoon.export.parity import Parity
from multitoon.export.single import export_style
from multitoon.model.backbone import Backbone
from multitoon.model.merge import merge


@pytest.fixture(scope="session")
def merged(tiny_files: Path) -> Backbone:
    """The tiny backbone as hayao."""
    backbone = load_backbone(tiny_files / "backbone")
    return merge(backbone, {load_adapter(tiny_files / "hayao", backbone): 1.0})


@pytest.fixture(scope="session")
def hayao_onnx(tiny_files: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Parity]:
    """hayao exported with all defaults."""
    pytest.importorskip("onnxruntime")
    path = tmp_path_factory.mktemp("export") / "hayao.onnx"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MULTITOON_ADAPTERS", str(tiny_files))
        return path, export_style({"hayao": 1.0}, path)


def photos(*shape: int, seed: int = 0) -> torch.Tensor:
    """Random photos (B, 3, H, W) in [-1, 1]."""
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed)) * 2 - 1
