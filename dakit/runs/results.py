"""``results.json``: the numbers of a finished run and what a reader must know of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Protocol

from pydantic import Field

from dakit.files.writing import read_json
from dakit.runs.folder import RunFolder
from dakit.runs.records import Count, Shape, shaped
from dakit.spec.run import Seed
from dakit.spec.training import Level, Resamples

if TYPE_CHECKING:  # reading results must not need torch
    from dakit.data.prepare import PreparedData
    from dakit.spec.run import RunSpec

Interval = Annotated[list[float], Field(min_length=2, max_length=2)]


class SelectionFacts(Protocol):
    """What is told of how the kept epoch was chosen."""

    @property
    def validator(self) -> str:
        """Name of the validator whose score chose the epoch."""

    @property
    def epoch(self) -> int:
        """The epoch that was kept."""

    @property
    def score(self) -> float:
        """Its score."""

    @property
    def used_target_labels(self) -> bool:
        """Whether the validator read target labels."""

    @property
    def epochs_run(self) -> int:
        """Epochs trained in all."""

    @property
    def stopped_early(self) -> bool:
        """Whether training ended before its last epoch."""


class EvaluationFacts(Protocol):
    """What is told of the evaluation."""

    @property
    def metrics(self) -> Mapping[str, Mapping[str, Any] | None]:
        """Metric sets by name, None where there are no labels."""


def results_document(
    run_id: str,
    spec: RunSpec,
    data: PreparedData,
    selection: SelectionFacts,
    evaluation: EvaluationFacts,
    adaptation: Mapping[str, Any],
    inputs: Mapping[str, Any],
    parameters: Mapping[str, int],
) -> dict[str, Any]:
    """Return what ``results.json`` holds; ``adaptation`` is by what the run adapted.

    ``inputs`` are mean and standard deviation of what the network was given, by domain,
    ``parameters`` their numbers, by part.
    """
    return {
        "run_id": run_id,
        "name": spec.name,
        "seed": spec.seed,
        "data": _data_facts(data),
        "selection": {
            "validator": selection.validator,
            "epoch": selection.epoch,
            "score": selection.score,
            "used_target_labels": selection.used_target_labels,
        },
        "training": {
            "epochs": spec.training.epochs,
            "epochs_run": selection.epochs_run,
            "stopped_early": selection.stopped_early,
            "parameters": dict(parameters),
        },
        "adaptation": dict(adaptation),
        "inputs": dict(inputs),
        "evaluation": {
            "confidence": spec.evaluation.confidence,
            "bootstrap": spec.evaluation.bootstrap,
            "bootstrap_unit": {
                "source": "row" if data.pair.source.groups is None else "group",
                "target": "row" if data.pair.target.groups is None else "group",
            },
        },
        "metrics": dict(evaluation.metrics),
    }


class Leakage(Shape):
    """What is known of objects on both sides of the split."""

    source: dict[str, Count | None] = Field(default_factory=dict)
    target: dict[str, Count | None] = Field(default_factory=dict)
    lines: list[str] = Field(default_factory=list)


class DataPart(Shape):
    """What the data were."""

    origin: str
    description: str = ""
    fingerprint: str = ""
    class_names: list[str]
    leakage: Leakage = Field(default_factory=Leakage)
    notes: list[str] = Field(default_factory=list)


class SelectionPart(Shape):
    """How the epoch was chosen."""

    validator: str
    epoch: Count
    used_target_labels: bool
    score: float | None = None


class TrainingPart(Shape):
    """How long it was trained, and how much of it."""

    epochs_run: Count
    parameters: dict[str, Count] = Field(default_factory=dict)


class AdaptationPart(Shape):
    """By what it adapted."""

    terms: list[str]
    batch_norm: str | None


class InputScale(Shape):
    """What the network was given."""

    mean: float
    sd: float


class EvaluationPart(Shape):
    """How the intervals were made."""

    confidence: Level = 0.95
    bootstrap: Resamples = 0
    bootstrap_unit: dict[str, str] = Field(default_factory=dict)


class MetricSet(Shape):
    """The metrics of one part of a domain."""

    accuracy: float | None = None
    balanced_accuracy: float | None = None
    precision: float | None = None
    recall: float | None = None
    f1: float | None = None
    brier: float | None = None
    ece: float | None = None
    auc: float | None = None
    n: Count
    support: list[Count] = Field(default_factory=list)
    objects: Count | None = None
    intervals: dict[str, Interval | None] = Field(default_factory=dict)
    no_intervals: str | None = None


class Results(Shape):
    """``results.json``."""

    run_id: str
    name: str
    seed: Seed = 0
    data: DataPart
    selection: SelectionPart
    training: TrainingPart | None = None
    adaptation: AdaptationPart | None = None
    inputs: dict[str, InputScale] = Field(default_factory=dict)
    evaluation: EvaluationPart | None = None
    metrics: dict[str, MetricSet | None]
    predictions_sha256: str | None = None


def read_results(folder: RunFolder) -> dict[str, Any]:
    """Return ``results.json``. Raises InputError where it is missing or lacks a part."""
    path = folder.results
    return shaped(Results, read_json(path), f"{path} is no dakit result")


def _data_facts(data: PreparedData) -> dict[str, Any]:
    provenance = data.pair.provenance
    return {
        "origin": provenance.origin,
        "description": provenance.description,
        "fingerprint": data.fingerprint,
        "class_names": list(data.pair.class_names),
        "leakage": {**data.leakage.to_dict(), "lines": data.leakage.lines()},
        "notes": list(provenance.notes),
    }
