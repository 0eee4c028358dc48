"""The objective of a run: total = task + w_T transfer + sum of w_i regularizer_i."""

from __future__ import annotations

from typing import Annotated, final

from pydantic import Field, model_validator

from dakit.components import RegularizerSpec, SpecPart, TaskLossSpec, TransferLossSpec
from dakit.spec.component import FromCatalog


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
