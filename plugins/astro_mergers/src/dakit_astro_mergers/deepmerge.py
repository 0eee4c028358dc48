"""The spec of the backbone ``deepmerge``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from dakit import BackboneSpec


@final
class DeepMerge(BackboneSpec):
    """The DeepMerge II network: three stages of convolution, batch norm, ReLU and max pooling."""

    paper: ClassVar[str] = "Ciprijanovic et al. 2021, MNRAS 506, 677, arXiv:2103.01373"
    published_head: ClassVar[tuple[int, ...]] = (64, 32)
    implementation: ClassVar[str] = ".deepmerge_backbone:DeepMergeBackbone"

    name: Literal["deepmerge"] = "deepmerge"
