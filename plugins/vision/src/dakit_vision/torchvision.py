"""The spec of the backbone ``torchvision``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from dakit_vision.library_model import LibraryModel


@final
class TorchvisionModel(LibraryModel):
    """Any classification model of torchvision by name, without its last layer.

    The features ``(B, D)`` are what its last fully connected layer would see: 512 for resnet18,
    2048 for resnet50, 768 for vit_b_16. Inputs are ``(B, C, H, W)``; where C is not 3 the first
    convolution is a new one for C channels (with weights: their mean over the channels, times
    3 / C, so that equal channels give the same sums). Nothing is ever downloaded.
    """

    paper: ClassVar[str] = "TorchVision, https://github.com/pytorch/vision"
    implementation: ClassVar[str] = ".torchvision_model:build_torchvision"

    name: Literal["torchvision"] = "torchvision"
