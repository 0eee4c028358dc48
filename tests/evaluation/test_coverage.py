"""The intervals of every metric cover the truth as often as they say, but for the ECE's."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from dakit.evaluation.metrics import metric_set
from dakit.runs.results import METRICS

REPETITIONS, RESAMPLES, PROMISED = 300, 200, 0.95
TOLERANCE = 4 * np.sqrt(PROMISED * (1 - PROMISED) / REPETITIONS)
"""Four standard deviations of a binomial share: 0.05. A percentile bootstrap of a few hundred
rows covers about 0.01 too little, which 300 repetitions do not resolve."""
PRIORS = {2: (0.6, 0.4), 3: (0.5, 0.3, 0.2)}
SHARED = 0.7
"""Share of the noise's variance that the views of one object have in common."""
VIEWS = np.repeat(np.arange(120), 4)
COVERED = [name for name in METRICS if name != "ece"]

Drawn = tuple[NDArray[np.int64], NDArray[np.float64]]


def draw(
    random: np.random.Generator, classes: int, units: NDArray[np.int64], slope: float = 1.0
) -> Drawn:
    """Draw labels, and probabilities whose logits are ``slope`` times the right ones.

    The right ones follow from unit Gaussians around 1.2 times the class's unit vector. Rows of
    one unit have their label and a part of the noise in common, so that each row by itself has
    the same distribution whatever the units are: the true metrics do not depend on them.
    """
    objects = int(units.max()) + 1
    shared = SHARED if objects < len(units) else 0.0
    labels = random.choice(classes, size=objects, p=PRIORS[classes])[units]
    noise = np.sqrt(shared) * random.normal(size=(objects, classes))[units]
    noise += np.sqrt(1 - shared) * random.normal(size=(len(units), classes))
    features = 1.2 * np.eye(classes)[labels] + noise
    odds = np.exp(slope * (1.2 * features + np.log(PRIORS[classes])))
    return labels, odds / odds.sum(axis=1, keepdims=True)


@cache
def truth(classes: int, slope: float = 1.0) -> dict[str, Any]:
    """Return the metrics of 200,000 rows: 20 times more exact than those of 500."""
    labels, probabilities = draw(np.random.default_rng(7), classes, np.arange(200_000), slope)
    return metric_set(labels, probabilities, bootstrap=0).model_dump()


def coverage(
    classes: int, units: NDArray[np.int64], groups: NDArray[np.int64] | None
) -> dict[str, float]:
    """Return by metric the share of 300 intervals that hold the truth."""
    true = truth(classes)
    hits = dict.fromkeys(METRICS, 0)
    for repetition in range(REPETITIONS):
        sample = draw(np.random.default_rng(repetition), classes, units)
        found = metric_set(*sample, groups=groups, bootstrap=RESAMPLES, seed=repetition)
        for name, (low, high) in found.intervals.items():
            hits[name] += low <= true[name] <= high
    return {name: number / REPETITIONS for name, number in hits.items()}


@pytest.mark.parametrize(("classes", "rows"), [(2, 200), (3, 300)])
def test_independent_rows_are_covered_as_often_as_promised(classes: int, rows: int) -> None:
    found = coverage(classes, np.arange(rows), None)
    for name in COVERED:
        assert found[name] == pytest.approx(PROMISED, abs=TOLERANCE), name


def test_views_of_objects_are_covered_as_often_as_promised_where_these_are_known() -> None:
    found = coverage(2, VIEWS, VIEWS)
    for name in COVERED:
        assert found[name] == pytest.approx(PROMISED, abs=TOLERANCE), name
    drawn_apart = coverage(2, VIEWS, None)
    for name in COVERED:
        assert drawn_apart[name] < PROMISED - 2 * TOLERANCE, name


@pytest.mark.parametrize(("slope", "least"), [(1.0, 0.04), (3.0, 0.0)])
def test_the_calibration_error_is_estimated_from_above(slope: float, least: float) -> None:
    """As its docstring and docs/reading-a-report.md say; a calibrated model's is never covered."""
    true, points, above = truth(2, slope)["ece"], [], []
    for repetition in range(100):
        sample = draw(np.random.default_rng(repetition), 2, np.arange(200), slope)
        found = metric_set(*sample, bootstrap=RESAMPLES, seed=repetition)
        points.append(found.ece)
        above.append(found.intervals["ece"][0] > true)
    assert np.mean(points) - true > least
    assert np.mean(above) == 1 if slope == 1 else np.mean(above) > 0.05
