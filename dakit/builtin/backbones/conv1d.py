"""The spec of the backbone ``conv1d``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field, PositiveInt

from dakit import BackboneSpec


@final
class Conv1d(BackboneSpec):
    """One-dimensional convolutions for series and spectra ``(C, L)``, averaged over their length.

    Every stage halves the length as long as it is 2 or more.
    """

    implementation: ClassVar[str] = ".conv1d_backbone:Conv1dBackbone"

    name: Literal["conv1d"] = "conv1d"
    channels: tuple[PositiveInt, ...] = Field(
        (16, 32, 64), min_length=1, description="Output channels of each stage."
    )
    kernel_size: Literal[3, 5, 7, 9, 11, 15, 21, 31] = Field(
        5, description="Width of the kernels; odd, so that the length is kept."
    )
    batch_norm: bool = Field(True, description="Batch normalisation before each ReLU.")
