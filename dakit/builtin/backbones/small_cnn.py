"""The spec of the backbone ``small_cnn``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field, PositiveInt

from dakit import BackboneSpec


@final
class SmallCNN(BackboneSpec):
    """Convolutions 3x3 with ReLU and 2x2 max pooling, for images of 4 pixels and more.

    A stage pools only while both sides have 2 pixels or more.
    """

    implementation: ClassVar[str] = ".small_cnn_backbone:SmallCNNBackbone"

    name: Literal["small_cnn"] = "small_cnn"
    channels: tuple[PositiveInt, ...] = Field(
        (16, 32), min_length=1, description="Output channels of each stage."
    )
    batch_norm: bool = Field(True, description="Batch normalisation before each ReLU.")
    features: Literal["pool", "flatten"] = Field(
        "flatten",
        description="flatten: the whole last map; pool: its mean over all pixels, one a channel.",
    )
