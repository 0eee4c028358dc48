"""``results.json``: the numbers of a finished run and what a reader must know of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from dakit.contracts import SIDES
from dakit.files.writing import read_json
from dakit.runs.folder import RunFolder
from dakit.runs.records import Count, Document, Shape, shaped
from dakit.spec.run import Seed
from dakit.spec.training import Level, Resamples

if TYPE_CHECKING:  # reading results must not need torch
    from dakit.components import MetricSpec
    from dakit.contracts import DomainPair
    from dakit.spec.training import EvaluationSpec

Interval = Annotated[list[float], Field(min_length=2, max_length=2)]


class Origin(Shape):
    """What data are and where they come from."""

    origin: str
    description: str = ""

    @property
    def mock(self) -> bool:
        """Whether numbers from them come from mock data."""
        return self.origin == "mock"

    def __str__(self) -> str:
        return f"{self.origin}: {self.description}" if self.description else self.origin


class Leakage(Shape):
    """What is known of objects on both sides of the split."""

    source: dict[str, Count | None] = Field(default_factory=dict)
    target: dict[str, Count | None] = Field(default_factory=dict)
    target_test_in_source_train: Count | None = None
    target_test_objects_in_source_train: Count | None = None
    lines: list[str] = Field(default_factory=list)


class DataPart(Origin):
    """What the data were."""

    fingerprint: str = ""
    class_names: list[str]
    leakage: Leakage = Field(default_factory=Leakage)
    notes: list[str] = Field(default_factory=list)

    @classmethod
    def of(cls, pair: DomainPair, fingerprint: str, **parts: Any) -> Self:
        """Return what results say of ``pair``; ``parts`` are further ones, or others."""
        provenance = pair.provenance
        told = {
            "origin": provenance.origin,
            "description": provenance.description,
            "fingerprint": fingerprint,
            "class_names": list(pair.class_names),
            "notes": list(provenance.notes),
        }
        return cls.model_validate({**told, **parts})


class SelectionPart(Shape):
    """How the epoch was chosen."""

    validator: str
    epoch: Count
    score: float | None = None
    used_target_labels: bool


class TrainingPart(Shape):
    """How long it was trained, and how much of it."""

    epochs: Count | None = None
    epochs_run: Count
    stopped_early: bool = False
    parameters: dict[str, Count] = Field(default_factory=dict)
    """Their number, by part."""


class Adaptation(Shape):
    """By what a run adapts; where by nothing, it is *no adaptation*, and false."""

    terms: list[str] = Field(default_factory=list)
    """The terms that read the target."""
    batch_norm: str | None = None
    """The mode (``joint``, ``target``, ``domain``) where BatchNorm layers see the target."""
    source: bool = True
    """Whether a term uses the source."""

    def __bool__(self) -> bool:
        return bool(self.terms) or self.batch_norm is not None

    def __str__(self) -> str:
        named = [f"'{name}'" for name in self.terms]
        return ", ".join([*named, *([f"{self.batch_norm} BatchNorm"] if self.batch_norm else [])])

    @property
    def remark(self) -> str:
        """What must stand behind a list of the terms that does not tell of it."""
        if not self:
            return " (no adaptation)"
        return "" if self.terms else f" (adapts by {self})"


class InputScale(Shape):
    """Mean and standard deviation of what the network was given."""

    mean: float
    sd: float


Unit = Literal["row", "group"]


class Units(Shape):
    """What is drawn together in each domain."""

    source: Unit
    target: Unit


class FurtherMetric(Shape):
    """A metric that the run asked for beside those that every result has."""

    name: str
    title: str
    higher_is_better: bool
    lowest: float
    highest: float

    @classmethod
    def of(cls, spec: MetricSpec) -> Self:
        """Return what results say of the metric of ``spec``."""
        return cls(
            name=spec.name,
            title=spec.title or spec.name,
            higher_is_better=spec.higher_is_better,
            lowest=spec.lowest,
            highest=spec.highest,
        )


class EvaluationPart(Shape):
    """How the intervals were made, and what else was measured."""

    confidence: Level
    bootstrap: Resamples
    bootstrap_unit: Units
    metrics: list[FurtherMetric] = Field(default_factory=list)

    @classmethod
    def of(cls, spec: EvaluationSpec, pair: DomainPair) -> Self:
        """Return what results say of the evaluation of ``pair``."""
        further = {"metrics": [FurtherMetric.of(each) for each in spec.metrics]}
        units: list[Unit] = [
            "row" if domain.groups is None else "group" for domain in (pair.source, pair.target)
        ]
        return cls(
            confidence=spec.confidence,
            bootstrap=spec.bootstrap,
            bootstrap_unit=Units(source=units[0], target=units[1]),
            **(further if spec.metrics else {}),
        )

    @property
    def units(self) -> tuple[str, str]:
        """What is drawn in the source and in the target, as readers call it."""
        names = {"row": "images", "group": "objects"}
        return names[self.bootstrap_unit.source], names[self.bootstrap_unit.target]


METRICS = (
    "accuracy",
    "balanced_accuracy",
    "precision",
    "recall",
    "f1",
    "brier",
    "ece",
    "auc",
)
"""The metrics of a set."""


class MetricSet(Shape):
    """The metrics of one part of a domain; one that is undefined is None."""

    accuracy: float | None = None
    balanced_accuracy: float | None = None
    precision: float | None = None
    recall: float | None = None
    f1: float | None = None
    brier: float | None = None
    ece: float | None = None
    auc: float | None = None
    n: Count
    """Images."""
    support: list[Count] = Field(default_factory=list)
    """Images of each class."""
    objects: Count | None = None
    intervals: dict[str, Interval | None] = Field(default_factory=dict)
    no_intervals: str | None = None

    def value(self, name: str) -> float | None:
        """Return a metric; None where it is undefined or not there."""
        value: float | None = getattr(self, name, None)
        return value

    def lacks(self, name: str) -> bool:
        """Return whether what stands there is no value of a metric."""
        return not isinstance(getattr(self, name, ""), float | int | None)

    def interval(self, name: str) -> tuple[float, float] | None:
        """Return the interval of a metric; None where it has none."""
        found = self.intervals.get(name)
        return None if found is None else (found[0], found[1])


def cell(metrics: MetricSet | None, name: str) -> str:
    """Return a metric with its interval: ``0.871 [0.850, 0.890]``; ``-`` where undefined."""
    value = None if metrics is None else metrics.value(name)
    if metrics is None or value is None:
        return "-"
    interval = metrics.interval(name)
    return f"{value:.3f}" + (f" [{interval[0]:.3f}, {interval[1]:.3f}]" if interval else "")


Metrics = Mapping[str, MetricSet | None]
"""By name (``source_test``); None where there are no labels, and no source set without a source."""


class _OfRun(Document):
    run_id: str
    name: str

    @property
    def title(self) -> str:
        """Name and id of the run."""
        return f"{self.name} ({self.run_id})"


class Results(_OfRun):
    """``results.json``."""

    seed: Seed = 0
    data: DataPart
    selection: SelectionPart
    training: TrainingPart | None = None
    adaptation: Adaptation | None = None
    """None in those of an earlier dakit."""
    inputs: dict[str, InputScale] = Field(default_factory=dict)
    evaluation: EvaluationPart | None = None
    metrics: dict[str, MetricSet | None]
    estimated_shares: dict[str, list[float]] = Field(default_factory=dict)
    """Of the target's classes, by the term that estimates them."""
    predictions_sha256: str | None = None

    @model_validator(mode="after")
    def _support_of_each_class(self) -> Self:
        for name, found in self.metrics.items():
            if found and len(found.support) not in {0, len(self.data.class_names)}:
                raise ValueError(f"metrics.{name}.support must have a number for each class")
        return self

    @model_validator(mode="after")
    def _share_of_each_class(self) -> Self:
        for name, shares in self.estimated_shares.items():
            if len(shares) != len(self.data.class_names):
                raise ValueError(f"estimated_shares.{name} must have a number for each class")
        return self

    @model_validator(mode="after")
    def _value_of_each_metric(self) -> Self:
        for metric in self.further:
            for name, found in self.metrics.items():
                if found and found.lacks(metric.name):
                    raise ValueError(f"metrics.{name}.{metric.name} must be a number or null")
        return self

    @property
    def further(self) -> list[FurtherMetric]:
        """The metrics that the run asked for beside those that every result has."""
        return self.evaluation.metrics if self.evaluation else []

    @property
    def source_counts(self) -> list[int]:
        """Training rows of each class in the source; empty where that was not noted."""
        found = self.metrics.get("source_train")
        return found.support if found else []

    @property
    def share_lines(self) -> list[str]:
        """What terms estimate of the target's classes, beside what the source's shares are."""
        counts = self.source_counts
        known = [n / sum(counts) for n in counts] if any(counts) else None
        beside = f" (in the source: {self._named(known)})" if known else ""
        return [
            f"Class shares of the target as estimated by '{term}': {self._named(shares)}{beside}"
            for term, shares in self.estimated_shares.items()
        ]

    def _named(self, shares: Sequence[float]) -> str:
        pairs = zip(self.data.class_names, shares, strict=True)
        return ", ".join(f"{name} {share:.3f}" for name, share in pairs)

    @property
    def epochs_run(self) -> int | None:
        """How many epochs were trained; None where that was not noted."""
        return self.training.epochs_run if self.training else None

    @property
    def sides(self) -> tuple[str, ...]:
        """The domains that there are: a run without a source has no set of it."""
        return tuple(side for side in SIDES if f"{side}_test" in self.metrics)

    def test(self, role: str) -> MetricSet | None:
        """Return the metrics of the test part of a domain, None without labels."""
        return self.metrics.get(f"{role}_test")


class Score(_OfRun):
    """How a finished model does on other labelled data."""

    trained_on: Origin
    selection: SelectionPart
    data: DataPart
    part: str
    normalized_as: dict[str, str]
    """As which domain of the run each domain was normalised."""
    evaluation: EvaluationPart
    metrics: dict[str, MetricSet | None]
    cautions: list[str]


def read_results(folder: RunFolder) -> Results:
    """Return ``results.json``.

    Raises:
        InputError: it is missing or lacks a part.
    """
    path = folder.results
    return shaped(Results, read_json(path), f"{path} is no dakit result")
