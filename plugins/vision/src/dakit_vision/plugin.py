"""Offers the models of torchvision and timm as backbones, where torchvision can be loaded."""

from __future__ import annotations

from dakit import BackboneSpec, hookimpl
from dakit_vision.availability import require_torchvision
from dakit_vision.timm import TimmModel
from dakit_vision.torchvision import TorchvisionModel

require_torchvision()


@hookimpl
def dakit_backbones() -> list[type[BackboneSpec]]:
    """Offer ``torchvision`` and ``timm``."""
    return [TorchvisionModel, TimmModel]
