"""The specs of the backbones: what a user may write, and how they are built."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, Self, final

from pydantic import Field

from dakit import BackboneSpec, InputError

if TYPE_CHECKING:
    from dakit.contracts import Backbone, BuildContext


class LibraryModel(BackboneSpec):
    """What the models of both libraries share: a name, weights from a file, further arguments."""

    model: str = Field("resnet18", description="Its name in the library, e.g. resnet50.")
    weights: Path | None = Field(
        None, description="A file of weights (.pth, .pt or .safetensors); random ones if null."
    )
    weights_sha256: str | None = Field(
        None,
        pattern="^[0-9a-f]{64}$",
        description="Its checksum: a run is known by it, as file names say little.",
    )
    options: dict[str, bool | int | float | str] = Field(
        {},
        description=(
            "Further arguments of the model's builder, e.g. of a vit image_size (torchvision) or "
            "img_size (timm)."
        ),
    )

    def to_rebuild(self) -> Self:
        """Return the spec without the file of weights."""
        return self.model_copy(update={"weights": None, "weights_sha256": None})


@final
class TorchvisionModel(LibraryModel):
    """Any classification model of torchvision by name, without its last layer.

    The features ``(B, D)`` are what its last fully connected layer would see: 512 for resnet18,
    2048 for resnet50, 768 for vit_b_16. Inputs are ``(B, C, H, W)``; where C is not 3 the first
    convolution is a new one for C channels (with weights: their mean over the channels, times
    3 / C, so that equal channels give the same sums). Nothing is ever downloaded.
    """

    paper: ClassVar[str] = "TorchVision, https://github.com/pytorch/vision"

    name: Literal["torchvision"] = "torchvision"

    def build(self, context: BuildContext) -> Backbone:
        """Build the model. InputError for an unknown name, weights that do not fit, wrong sizes."""
        from dakit_vision.torchvision_model import build_torchvision

        return build_torchvision(self, context)


@final
class TimmModel(LibraryModel):
    """Any model of timm by name, pooled, without its classifier.

    The features ``(B, D)`` are timm's own pooled features (``num_classes=0``). Inputs are
    ``(B, C, H, W)`` of any C. Nothing is ever downloaded.
    """

    paper: ClassVar[str] = (
        "PyTorch Image Models, https://github.com/huggingface/pytorch-image-models"
    )

    name: Literal["timm"] = "timm"

    def build(self, context: BuildContext) -> Backbone:
        """Build the model. InputError for an unknown name, weights that do not fit, wrong sizes."""
        if find_spec("timm") is None:
            raise InputError(
                'timm is not installed: pip install -e "plugins/vision[timm]" in the clone of dakit'
            )
        from dakit_vision.timm_model import build_timm

        return build_timm(self, context)
