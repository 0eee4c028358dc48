"""The run spec: everything that defines one run, frozen and validated."""

from __future__ import annotations

from typing import Annotated, Literal, final

from pydantic import Field, PositiveInt, ValidationInfo, field_validator, model_validator

from dakit.components import (
    BackboneSpec,
    DatasetSpec,
    FigureSpec,
    OptimizerSpec,
    RegularizerSpec,
    ScheduleSpec,
    SpecPart,
    TaskLossSpec,
    TrackerSpec,
    TransferLossSpec,
)
from dakit.spec.component import FromCatalog
from dakit.spec.start import InitFromSpec
from dakit.spec.training import EvaluationSpec, TrainingSpec


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


@final
class ObjectiveSpec(SpecPart):
    """The terms of the total loss (a weighted sum, never a mean)."""

    task: Annotated[TaskLossSpec, FromCatalog("task")] | None = Field(
        "cross_entropy",
        description="What is learned from the source labels; null for source-free adaptation.",
    )  # type: ignore[assignment]  # validated: the name is looked up
    transfer: Annotated[TransferLossSpec, FromCatalog("transfer")] | None = Field(
        None, description="What brings the domains together; null for none."
    )
    regularizers: tuple[Annotated[RegularizerSpec, FromCatalog("regularizer")], ...] = Field(
        (), max_length=100, description="Further terms of the total loss."
    )

    @model_validator(mode="after")
    def _not_empty(self) -> ObjectiveSpec:
        if self.task is None and self.transfer is None and not self.regularizers:
            raise ValueError("the objective has no term: give a task, a transfer or a regularizer")
        return self


SCHEMA_VERSION = 1


Seed = Annotated[int, Field(ge=0, lt=2**63)]


@final
class RunSpec(SpecPart):
    """One run: data, network, objective, and how it is trained and evaluated."""

    schema_uri: str | None = Field(
        None, alias="$schema", description="For editors: the JSON Schema made by `dakit schema`."
    )
    schema_version: Literal[1] = Field(description="The version of this format.")
    name: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", description="Names the run and its folder."
    )
    description: str = Field("", description="What the run is for.")
    seed: Seed = Field(0, description="All randomness of the run follows from it.")
    data: Annotated[DatasetSpec, FromCatalog("dataset")] = Field(
        description="The two domains; see `dakit list-plugins --kind dataset`."
    )
    model: ModelSpec = Field(description="The network.")
    init_from: InitFromSpec | None = Field(None, description="Start from another run's weights.")
    objective: ObjectiveSpec = Field(description="The terms of the total loss.")
    optimizer: Annotated[OptimizerSpec, FromCatalog("optimizer")] = Field(
        "adam", description="How the weights are updated."
    )  # type: ignore[assignment]  # validated: the name is looked up
    schedule: Annotated[ScheduleSpec, FromCatalog("schedule")] = Field(
        "one_cycle", description="The learning rate over training."
    )  # type: ignore[assignment]  # validated: the name is looked up
    training: TrainingSpec = Field(default_factory=TrainingSpec, description="The training.")
    evaluation: EvaluationSpec = Field(EvaluationSpec(), description="The evaluation.")
    figures: tuple[Annotated[FigureSpec, FromCatalog("figure")], ...] = Field(
        (), max_length=100, description="Further figures of the report. Not part of the run id."
    )
    trackers: tuple[Annotated[TrackerSpec, FromCatalog("tracker")], ...] = Field(
        (), max_length=100, description="Who is told of the run. Not part of the run id."
    )
