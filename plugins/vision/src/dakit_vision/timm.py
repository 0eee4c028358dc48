"""The spec of the backbone ``timm``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from dakit_vision.library_model import LibraryModel


@final
class TimmModel(LibraryModel):
    """Any model of timm by name, pooled, without its classifier.

    The features ``(B, D)`` are timm's own pooled features (``num_classes=0``). Inputs are
    ``(B, C, H, W)`` of any C. Nothing is ever downloaded.
    """

    paper: ClassVar[str] = (
        "PyTorch Image Models, https://github.com/huggingface/pytorch-image-models"
    )

    implementation: ClassVar[str] = ".timm_model:build_timm"

    name: Literal["timm"] = "timm"
