"""The spec of the backbone ``mlp``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field, PositiveInt

from dakit import BackboneSpec


@final
class MLP(BackboneSpec):
    """Fully connected layers on flattened inputs of any shape."""

    implementation: ClassVar[str] = ".mlp_backbone:MLPBackbone"

    name: Literal["mlp"] = "mlp"
    hidden: tuple[PositiveInt, ...] = Field(
        (128, 64), min_length=1, description="Widths of the layers; the last is the feature size."
    )
    dropout: float = Field(0.0, ge=0, lt=1, description="Fraction dropped after each layer.")
    batch_norm: bool = Field(False, description="Batch normalisation before each ReLU.")
