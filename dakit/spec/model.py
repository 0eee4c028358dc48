"""The network part of a run spec: which backbone, which head."""

from __future__ import annotations

from typing import Annotated, final

from pydantic import Field, PositiveInt

from dakit.components import BackboneSpec, SpecPart
from dakit.spec.component import FromCatalog


@final
class HeadSpec(SpecPart):
    """Fully connected layers from the features to the logits, with ReLU between them."""

    hidden: tuple[PositiveInt, ...] = Field(
        (), description="Widths of the hidden layers; none: one linear layer."
    )
    lr_multiplier: float = Field(1.0, gt=0, description="Factor on the learning rate of the head.")


@final
class ModelSpec(SpecPart):
    """The network: a backbone from a plugin and a head."""

    backbone: Annotated[BackboneSpec, FromCatalog("backbone")] = Field(
        description="From inputs to features; see `dakit list-plugins --kind backbone`."
    )
    head: HeadSpec = Field(HeadSpec(), description="From features to one logit a class.")
