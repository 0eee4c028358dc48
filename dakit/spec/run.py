"""The run spec: everything that defines one run, frozen and validated."""

from __future__ import annotations

from typing import Annotated, Literal, final

from pydantic import Field

from dakit.components import DatasetSpec, OptimizerSpec, ScheduleSpec, SpecPart, TrackerSpec
from dakit.spec.component import FromCatalog
from dakit.spec.model import ModelSpec
from dakit.spec.objective import ObjectiveSpec
from dakit.spec.start import InitFromSpec
from dakit.spec.training import EvaluationSpec, TrainingSpec

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
    trackers: tuple[Annotated[TrackerSpec, FromCatalog("tracker")], ...] = Field(
        (), max_length=100, description="Who is told of the run. Not part of the run id."
    )
