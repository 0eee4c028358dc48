"""The spec of the DeepMerge network. Imports no torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, final

from dakit import BackboneSpec

if TYPE_CHECKING:
    from dakit.contracts import Backbone, BuildContext


@final
class DeepMerge(BackboneSpec):
    """The DeepMerge II network: three stages of convolution, batch norm, ReLU and max pooling."""

    paper: ClassVar[str] = "Ciprijanovic et al. 2021, MNRAS 506, 677, arXiv:2103.01373"
    published_head: ClassVar[tuple[int, ...]] = (64, 32)

    name: Literal["deepmerge"] = "deepmerge"

    def build(self, context: BuildContext) -> Backbone:
        """Return a network for images ``(C, H, W)`` of 8 pixels a side and more."""
        from dakit_astro_mergers.backbone import DeepMergeBackbone

        return DeepMergeBackbone(context.input_shape)
