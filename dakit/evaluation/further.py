"""The metrics that a run asks for beside those that every result has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from dakit.components import MetricSpec
from dakit.contracts import BuildContext, Metric
from dakit.errors import InputError
from dakit.plugins.faults import built, number
from dakit.runs.records import Resolved
from dakit.runs.results import FurtherMetric, MetricSet, Results
from dakit.spec.training import EvaluationSpec

Floats = NDArray[np.float64]


@final
@dataclass(frozen=True)
class Measure:
    """A further metric: what is told of it, and the function."""

    told: FurtherMetric
    function: Metric

    def of(self, labels: NDArray[np.int64], probabilities: Floats, weights: Floats) -> Floats:
        """Return the metric ``(R,)`` where row i counts ``weights[:, i]`` times; else NaN."""
        counts = weights.astype(np.int64)
        drawn = (np.repeat(np.arange(len(labels)), row) for row in counts)
        values = [self.function(labels[rows], probabilities[rows]) for rows in drawn]
        found = np.array([number(value, self.function, "__call__") for value in values])
        return np.where(np.isfinite(found), found, np.nan)


Measures = Mapping[str, Measure]

TAKEN = frozenset({*MetricSet.model_fields, *dir(MetricSet)})
"""Names that mean something else in a set of metrics."""


def measures(
    specs: Sequence[MetricSpec], seed: int, classes: int, counts: Sequence[int] = ()
) -> dict[str, Measure]:
    """Build the metrics that ``evaluation.metrics`` asks for, by name.

    ``counts`` are the training rows of each class that the source has, where that is known.
    Raises InputError where a name is that of another, or of what every set of metrics holds.
    """
    found: dict[str, Measure] = {}
    for spec in specs:
        if spec.name in found or spec.name in TAKEN:
            whose = "there twice" if spec.name in found else "the name of what all results hold"
            raise InputError(
                f"evaluation.metrics: '{spec.name}' is {whose}; take it away or another one"
            )
        context = BuildContext(seed=seed, num_classes=classes, class_counts=tuple(counts))
        found[spec.name] = Measure(FurtherMetric.of(spec), built(spec, context, Metric))
    return found


def measures_of(spec: Resolved, results: Results) -> dict[str, Measure]:
    """Return the metrics of a finished run; without those of a plugin that is not here any more."""
    try:
        asked = EvaluationSpec.model_validate(spec.document["evaluation"]).metrics
        classes = len(results.data.class_names)
        return measures(asked, spec.seed, classes, results.source_counts)
    except (InputError, ValidationError):
        return {}
