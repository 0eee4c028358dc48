"""What the models of torchvision and timm share, as a run spec sees it: light."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field

from dakit import BackboneSpec


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
