"""Everything that a comparison tells, and its numbers: mean and spread over seeds, differences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import final

import numpy as np

from dakit.contracts import SIDES
from dakit.evaluation.further import measures_of
from dakit.evaluation.latent_space import LatentSpace
from dakit.evaluation.paired_difference import Difference, RunScores, paired_differences
from dakit.reporting.compare.compared_run import ComparedRun
from dakit.reporting.compare.grouping import Experiment, Method
from dakit.reporting.compare.published import PublishedRow, published_rows
from dakit.reporting.report.facts import Attention
from dakit.reporting.result_table import ROWS, titles
from dakit.runs.results import METRICS as ALL_METRICS
from dakit.runs.results import FurtherMetric
from dakit.spec.reference_table import ReferenceTable

METRICS = {m: ROWS[m] for m in ("accuracy", "precision", "recall", "f1", "brier", "auc")}
"""The six metrics of the poster and how they are called."""


@final
@dataclass(frozen=True)
class ExperimentFacts:
    """One experiment with its numbers."""

    experiment: Experiment
    baseline: Method | None
    spreads: Mapping[Key, Spread | None]
    differences: Mapping[Key, Difference | None]
    tables: tuple[ReferenceTable, ...] = ()
    """Published tables on the same data."""
    latent: Mapping[str, LatentSpace] = field(default_factory=dict)
    """By method."""
    attention: Mapping[str, Sequence[Attention]] = field(default_factory=dict)
    """By method, the same images for all."""
    latent_seed: int | None = None
    """The seed of the runs whose latent spaces and Grad-CAMs these are; None where they differ."""
    missing: str | None = None
    """Why there are no (or not all) latent spaces or Grad-CAMs."""

    @property
    def further(self) -> Mapping[str, FurtherMetric]:
        """The metrics that some runs asked for beside those that all have, by name."""
        return further_metrics(self.experiment.runs)

    @property
    def metrics(self) -> dict[str, str]:
        """What the tables show, and how it is called."""
        return {
            **METRICS,
            **{name: titles([metric])[name] for name, metric in self.further.items()},
        }

    @property
    def methods(self) -> tuple[Method, ...]:
        """The methods, those without adaptation first."""
        return self.experiment.methods

    @property
    def others(self) -> tuple[Method, ...]:
        """All methods but the baseline."""
        return tuple(method for method in self.methods if method is not self.baseline)

    def labelled(self, role: str) -> bool:
        """Return whether any run was scored in this domain, which takes labels."""
        return any(run.sets[role].labels is not None for run in self.experiment.runs)

    def published(self, method: Method) -> list[PublishedRow]:
        """Return the published rows of the same recipe, those of the same network first."""
        same = [row for row in self.all_published if row.recipe == method.recipe]
        return sorted(same, key=lambda row: row.table.backbone != self.experiment.backbone)

    @property
    def only_published(self) -> list[PublishedRow]:
        """Published rows that no run here stands beside."""
        ours = {method.recipe for method in self.methods}
        return [row for row in self.all_published if row.recipe not in ours]

    @property
    def all_published(self) -> list[PublishedRow]:
        """All rows of all tables."""
        return published_rows(self.tables)


@final
@dataclass(frozen=True)
class ComparisonFacts:
    """All experiments of a comparison, and published tables that belong to none of them."""

    experiments: tuple[ExperimentFacts, ...]
    other_tables: tuple[ReferenceTable, ...] = ()
    notes: tuple[str, ...] = ()
    """What went wrong while gathering and is worth telling."""

    @property
    def mock(self) -> bool:
        """Whether any numbers come from mock data."""
        return any(facts.experiment.mock for facts in self.experiments)

    @property
    def tables(self) -> tuple[ReferenceTable, ...]:
        """All published tables, once each."""
        found = [table for facts in self.experiments for table in facts.tables]
        return tuple({table.name: table for table in (*found, *self.other_tables)}.values())


@final
@dataclass(frozen=True)
class Spread:
    """A metric over the seeds of a method."""

    mean: float
    sd: float | None
    """Standard deviation over seeds (n - 1 in the denominator); None with one seed."""
    n: int


Key = tuple[str, str, str]
"""The label of a method, the domain, the metric."""


def spreads(experiment: Experiment) -> dict[Key, Spread | None]:
    """Return every metric of every method over its seeds."""
    return {
        (method.label, role, metric): spread(method, role, metric)
        for method in experiment.methods
        for role in SIDES
        for metric in (*ALL_METRICS, *further_metrics(experiment.runs))
    }


def further_metrics(runs: Iterable[ComparedRun]) -> dict[str, FurtherMetric]:
    """Return what the runs measured beside the metrics of every run, by name."""
    return {metric.name: metric for run in runs for metric in run.results.further}


def all_differences(experiment: Experiment, base: Method | None) -> dict[Key, Difference | None]:
    """Return the difference of every other method to ``base``; nothing without a baseline."""
    return {
        (method.label, role, metric): difference
        for method in experiment.methods
        if base is not None and method is not base
        for role in SIDES
        for metric, difference in differences(method, base, role).items()
    }


def spread(method: Method, role: str, metric: str) -> Spread | None:
    """Return mean and standard deviation over the seeds; None where it is undefined in all."""
    tests = [found for run in method.runs if (found := run.results.test(role)) is not None]
    values = [value for test in tests if (value := test.value(metric)) is not None]
    if not values:
        return None
    sd = float(np.std(values, ddof=1)) if len(values) > 1 else None
    return Spread(float(np.mean(values)), sd, len(values))


def differences(method: Method, baseline: Method, role: str) -> dict[str, Difference | None]:
    """Return the paired difference in each metric, None without labels; see paired_differences."""
    ours, theirs = _scores(method.runs, role), _scores(baseline.runs, role)
    if not ours or not theirs:
        return dict.fromkeys(ALL_METRICS)
    first = method.runs[0]
    further = measures_of(first.spec, first.results)
    bins = first.spec.evaluation.ece_bins
    return paired_differences(ours, theirs, ece_bins=bins, further=further)


def _scores(runs: Sequence[ComparedRun], role: str) -> list[RunScores]:
    return [each for run in runs for each in run.sets[role].scores(run.seed, run.fingerprint)]
