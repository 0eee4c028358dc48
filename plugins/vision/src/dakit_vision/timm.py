"""Any model of timm by name, pooled, without its classifier."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ClassVar, Literal, final

from dakit import InputError
from dakit_vision.library_model import LibraryModel

if TYPE_CHECKING:
    from dakit.contracts import BuildContext


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

    def build(self, context: BuildContext) -> Any:
        """Build the model. InputError where timm is not installed."""
        if find_spec("timm") is None:
            raise InputError(
                'timm is not installed: pip install -e "plugins/vision[timm]" in the clone of dakit'
            )
        return super().build(context)
