"""The network part of a run spec: which backbone, which head."""

from __future__ import annotations

from typing import Annotated, final

from pydantic import Field, PositiveInt, ValidationInfo, field_validator

from dakit.components import BackboneSpec, SpecPart
from dakit.spec.component import FromCatalog


@final
class HeadSpec(SpecPart):
    """Fully connected layers from the features to the logits, with ReLU between them."""

    hidden: tuple[PositiveInt, ...] = Field(
        (),
        description=(
            "Widths of the hidden layers; none: one linear layer. By default those that the "
            "network of the backbone was published with, see `dakit info`."
        ),
    )
    dropout: float = Field(
        0.0, ge=0, lt=1, description="Chance that an input of a layer of the head is dropped."
    )
    lr_multiplier: float = Field(
        1.0, gt=0, le=1e6, description="Factor on the learning rate of the head."
    )


@final
class ModelSpec(SpecPart):
    """The network: a backbone from a plugin and a head."""

    backbone: Annotated[BackboneSpec, FromCatalog("backbone")] = Field(
        description="From inputs to features; see `dakit list-plugins --kind backbone`."
    )
    head: HeadSpec = Field(HeadSpec(), description="From features to one logit a class.")

    @field_validator("head")
    @classmethod
    def _as_published(cls, head: HeadSpec, info: ValidationInfo) -> HeadSpec:
        backbone = info.data.get("backbone")  # not there where it is wrong itself
        if backbone is None or "hidden" in head.model_fields_set:
            return head
        given = head.model_dump(exclude_unset=True)
        return HeadSpec.model_validate({**given, "hidden": backbone.published_head})
