"""Numbers of methods: mean and spread over seeds, difference to the baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from dakit.contracts import SIDES
from dakit.evaluation.paired_difference import Difference, RunScores, paired_differences
from dakit.reporting.compare.compared_run import ComparedRun
from dakit.reporting.compare.grouping import Experiment, Method
from dakit.runs.results import METRICS


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
        for metric in METRICS
    }


def all_differences(experiment: Experiment, base: Method | None) -> dict[Key, Difference | None]:
    """Return the difference of every other method to ``base``; nothing where there is none."""
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
        return dict.fromkeys(METRICS)
    return paired_differences(ours, theirs, ece_bins=method.runs[0].spec.evaluation.ece_bins)


def _scores(runs: Sequence[ComparedRun], role: str) -> list[RunScores]:
    return [each for run in runs for each in run.sets[role].scores(run.seed, run.fingerprint)]
