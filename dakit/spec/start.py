"""Where a run starts from: the weights of another run."""

from __future__ import annotations

from typing import Literal, final

from pydantic import Field, PositiveInt, model_validator

from dakit.components import SpecPart

Part = Literal["backbone", "head"]
Learner = Literal["batch_norm", "backbone", "head"]


@final
class InitFromSpec(SpecPart):
    """Transfer learning: start from another run's selected weights."""

    spec: str | None = Field(
        None, description="A run spec, relative to this one: run first, or reused if already done."
    )
    run: str | None = Field(None, description="A finished run's folder.")
    parts: tuple[Part, ...] = Field(("backbone", "head"), description="What is loaded.")
    freeze: tuple[Part, ...] = Field((), description="What is not trained.")
    train_only: tuple[Learner, ...] | None = Field(
        None,
        min_length=1,
        description=(
            "What alone is trained of the network; batch_norm: weights and biases of BatchNorm "
            "layers, which keep their batch statistics. Null: all but what is frozen."
        ),
    )
    freeze_epochs: PositiveInt | None = Field(
        None, description="For how many epochs; null: for the whole run."
    )
    normalization: Literal["inherit", "refit"] = Field(
        "inherit",
        description=(
            "inherit: the statistics of the earlier run; refit: new ones from this run's training "
            "images."
        ),
    )

    @model_validator(mode="after")
    def _one_origin(self) -> InitFromSpec:
        if (self.spec is None) == (self.run is None):
            raise ValueError("give either 'spec' (a run spec) or 'run' (a run folder)")
        if not self.parts:
            raise ValueError("'parts' is empty: nothing would be loaded")
        if self.train_only is not None and self.freeze:
            raise ValueError("'train_only' says what is trained: leave 'freeze' out")
        return self

    @property
    def learns(self) -> frozenset[Learner]:
        """What of the network is trained while something is held fixed."""
        parts: tuple[Learner, ...] = ("backbone", "head")
        return frozenset(self.train_only or (part for part in parts if part not in self.freeze))
