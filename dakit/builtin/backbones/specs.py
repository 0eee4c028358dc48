"""Specs of the backbones that dakit ships. Imports no torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, final

from pydantic import Field, PositiveInt

from dakit import BackboneSpec

if TYPE_CHECKING:
    from dakit.contracts import Backbone, BuildContext


@final
class ResNet18(BackboneSpec):
    """ResNet-18 in torchvision's layout, untrained, with an optional linear bottleneck.

    The published DeepMerge II variant has a bottleneck of 256 whose learning rate, like its
    head's, is 10 times the trunk's: ``bottleneck_lr_multiplier`` 10 and ``head.lr_multiplier`` 10.
    """

    paper: ClassVar[str] = "He et al. 2016, arXiv:1512.03385"

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

    def build(self, context: BuildContext) -> Backbone:
        """Return a network for images ``(C, H, W)``."""
        from dakit.builtin.backbones.resnet18 import ResNet18Backbone

        return ResNet18Backbone(
            context.input_shape,
            bottleneck=self.bottleneck,
            bottleneck_lr_multiplier=self.bottleneck_lr_multiplier,
        )


@final
class MLP(BackboneSpec):
    """Fully connected layers on flattened inputs of any shape."""

    name: Literal["mlp"] = "mlp"
    hidden: tuple[PositiveInt, ...] = Field(
        (128, 64), min_length=1, description="Widths of the layers; the last is the feature size."
    )
    dropout: float = Field(0.0, ge=0, lt=1, description="Fraction dropped after each layer.")
    batch_norm: bool = Field(False, description="Batch normalisation before each ReLU.")

    def build(self, context: BuildContext) -> Backbone:
        """Return a network for inputs of any shape."""
        from dakit.builtin.backbones.mlp import MLPBackbone

        return MLPBackbone(
            context.input_shape,
            hidden=self.hidden,
            dropout=self.dropout,
            batch_norm=self.batch_norm,
        )


@final
class SmallCNN(BackboneSpec):
    """Convolutions 3x3 with ReLU and 2x2 max pooling, for images of 4 pixels and more.

    A stage pools only while both sides have 2 pixels or more.
    """

    name: Literal["small_cnn"] = "small_cnn"
    channels: tuple[PositiveInt, ...] = Field(
        (16, 32), min_length=1, description="Output channels of each stage."
    )
    batch_norm: bool = Field(True, description="Batch normalisation before each ReLU.")
    features: Literal["pool", "flatten"] = Field(
        "flatten",
        description="flatten: the whole last map; pool: its mean over all pixels, one a channel.",
    )

    def build(self, context: BuildContext) -> Backbone:
        """Return a network for images ``(C, H, W)``."""
        from dakit.builtin.backbones.small_cnn import SmallCNNBackbone

        return SmallCNNBackbone(
            context.input_shape,
            channels=self.channels,
            batch_norm=self.batch_norm,
            features=self.features,
        )


@final
class Conv1d(BackboneSpec):
    """One-dimensional convolutions for series and spectra ``(C, L)``, averaged over their length.

    Every stage halves the length as long as it is 2 or more.
    """

    name: Literal["conv1d"] = "conv1d"
    channels: tuple[PositiveInt, ...] = Field(
        (16, 32, 64), min_length=1, description="Output channels of each stage."
    )
    kernel_size: Literal[3, 5, 7, 9, 11, 15, 21, 31] = Field(
        5, description="Width of the kernels; odd, so that the length is kept."
    )
    batch_norm: bool = Field(True, description="Batch normalisation before each ReLU.")

    def build(self, context: BuildContext) -> Backbone:
        """Return a network for series ``(C, L)``."""
        from dakit.builtin.backbones.conv1d import Conv1dBackbone

        return Conv1dBackbone(
            context.input_shape,
            channels=self.channels,
            kernel_size=self.kernel_size,
            batch_norm=self.batch_norm,
        )


SPECS: tuple[type[BackboneSpec], ...] = (ResNet18, MLP, SmallCNN, Conv1d)
"""What ``dakit.builtin.plugin`` offers of this kind."""
