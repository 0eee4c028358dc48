"""The training and evaluation parts of a run spec."""

from __future__ import annotations

from typing import Annotated, Any, Literal, final

from pydantic import Field, field_serializer

from dakit.components import MetricSpec, SpecPart, StoppingSpec, ValidatorSpec
from dakit.spec.component import FromCatalog

MOST_EPOCHS = 1_000_000
"""A row and a checkpoint an epoch: more is a slip of the pen."""
MOST_IMAGES = 1_000_000
"""In one step; the memory for so many of the smallest images is gigabytes."""


BatchNormMode = Literal["joint", "source", "target", "domain"]
Precision = Literal["float32", "bfloat16"]
Resamples = Annotated[int, Field(ge=0, le=100_000)]
Level = Annotated[float, Field(ge=0.5, le=0.9999)]
Bins = Annotated[int, Field(gt=0, le=10_000)]
Images = Annotated[int, Field(gt=0, le=MOST_IMAGES)]
Epochs = Annotated[int, Field(gt=0, le=MOST_EPOCHS)]
PassOver = Literal["source", "target", "longer"] | Epochs


@final
class EarlyStoppingSpec(SpecPart):
    """When to stop before the last epoch."""

    rule: Annotated[StoppingSpec, FromCatalog("stopping")] = Field(
        "plateau", description="What ends the training."
    )  # type: ignore[assignment]  # validated: the name is looked up
    patience: Epochs = Field(10, description="Epochs to wait.")
    min_delta: float = Field(0.0, ge=0, description="plateau: a gain below this does not count.")

    @field_serializer("rule")
    def _by_its_name(self, rule: StoppingSpec) -> Any:
        """A rule without settings is its name, as it was before plugins had rules."""
        settings = rule.model_dump(mode="json")
        return settings if len(settings) > 1 else rule.name


@final
class TrainingSpec(SpecPart):
    """How the network is trained and which epoch is kept."""

    epochs: Epochs = Field(20, description="Passes over training images, as pass_over says.")
    pass_over: PassOver = Field(
        "source",
        description=(
            "Whose training images an epoch shows once: source, target, or the longer of them; a "
            "number is the steps of an epoch. Those of the other are drawn again as needed."
        ),
    )
    batch_size: Images = Field(128, description="Source images a step, and as many target.")
    selection: Annotated[ValidatorSpec, FromCatalog("validator")] = Field(
        "source_accuracy", description="The score that chooses the epoch which is kept."
    )  # type: ignore[assignment]  # validated: the name is looked up
    monitor: tuple[Annotated[ValidatorSpec, FromCatalog("validator")], ...] = Field(
        (), max_length=100, description="Further scores to log every epoch."
    )
    early_stopping: EarlyStoppingSpec | None = Field(None, description="Null: never stop early.")
    gradient_clip: float | None = Field(
        None, gt=0, description="Largest norm of the whole gradient; null: no clipping."
    )
    batch_norm: BatchNormMode | Literal["adabn"] | None = Field(
        None,
        description=(
            "joint: source and target pass together and share batch statistics, itself a form of "
            "adaptation; source, target: batch statistics from this domain alone; domain: each has "
            "BatchNorm layers of its own (DSBN); adabn: trained as with source, then the target "
            "gets layers of its own with its statistics (AdaBN). Default: joint where a term looks "
            "at the target, target where none uses the source, else source."
        ),
    )
    teacher: float = Field(
        0.99,
        ge=0,
        lt=1,
        description="Decay of the moving average of the network, where a term needs one.",
    )
    precision: Precision = Field(
        "float32", description="bfloat16: mixed precision; losses and weights stay float32."
    )
    keep: Literal["outputs", "weights"] | None = Field(
        None,
        description=(
            "What is stored of every epoch for `dakit choose`: outputs on the validation parts, "
            "or the weights too, so that any epoch can be chosen. Not part of the run id."
        ),
    )
    device: str = Field("auto", description="auto, cpu, cuda, cuda:1, mps. Not part of the run id.")


@final
class EvaluationSpec(SpecPart):
    """How the numbers of the report are made."""

    bootstrap: Resamples = Field(1000, description="Resamples for the intervals; 0: no intervals.")
    confidence: Level = Field(0.95, description="Level of the intervals.")
    ece_bins: Bins = Field(15, description="Bins of the expected calibration error.")
    batch_size: Images = Field(256, description="Images a step in evaluation.")
    metrics: tuple[Annotated[MetricSpec, FromCatalog("metric")], ...] = Field(
        (), max_length=100, description="Metrics of plugins, beside those that all results have."
    )
