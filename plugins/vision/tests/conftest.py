"""Lets torchvision be imported beside a torch that its operators are not built for."""

from __future__ import annotations

from importlib.util import find_spec

import pytest
import torch

from dakit_vision.availability import require_torchvision

SIGNATURE = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
_kept: list[torch.library.Library] = []
"""A library that is collected takes its declarations away."""


@pytest.fixture(scope="session")
def torchvision() -> None:
    """Make torchvision importable: its models need two operators declared, not their code."""
    if find_spec("torchvision") is None:
        pytest.skip("torchvision is not installed")
    try:
        require_torchvision()
    except ImportError:
        library = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            library.define(f"{name}{SIGNATURE}")
        _kept.append(library)


@pytest.fixture
def timm(torchvision: None) -> None:
    """Skip where timm is not installed."""
    if find_spec("timm") is None:
        pytest.skip("timm is not installed")
