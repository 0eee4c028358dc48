"""The spec of the backbone ``resnet18``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field, PositiveInt

from dakit import BackboneSpec


@final
class ResNet18(BackboneSpec):
    """ResNet-18 in torchvision's layout, untrained, with an optional linear bottleneck.

    The published DeepMerge II variant has a bottleneck of 256 whose learning rate, like its
    head's, is 10 times the trunk's: ``bottleneck_lr_multiplier`` 10 and ``head.lr_multiplier`` 10.
    """

    paper: ClassVar[str] = "He et al. 2016, arXiv:1512.03385"
    implementation: ClassVar[str] = ".resnet18_backbone:ResNet18Backbone"

    name: Literal["resnet18"] = "resnet18"
    bottleneck: PositiveInt | None = Field(
        256, description="Width of a linear layer after the pooled features; null: none, 512 wide."
    )
    bottleneck_lr_multiplier: float = Field(
        1.0,
        gt=0,
        le=1e6,
        description="Factor on the learning rate of the bottleneck (published: 10).",
    )
