"""The metric set of one part of a domain: point values and bootstrap intervals.

Every metric is a function of row weights, so that the point value (all weights 1) and a thousand
bootstrap resamples (weights: how often a row was drawn) come from the same lines, as a few matrix
products.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Any, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dakit.evaluation.auc import RankedScores, auc_of_placements
from dakit.evaluation.calibration import calibration_gaps, expected_calibration_error
from dakit.evaluation.further import Measures
from dakit.evaluation.intervals import (
    bootstrap_intervals,
    pooled_units,
    unseen_share,
    why_none,
    with_width,
)
from dakit.runs.results import MetricSet

Floats = NDArray[np.float64]

MANY = 20_000
"""From so many rows on a resample draws blocks of them, in a fraction of the time."""


def metric_set(
    labels: ArrayLike,
    probabilities: ArrayLike,
    *,
    groups: NDArray[Any] | None = None,
    bootstrap: int = 1000,
    confidence: float = 0.95,
    ece_bins: int = 15,
    seed: int = 0,
    further: Measures = MappingProxyType({}),
) -> MetricSet:
    """Return all metrics of ``probabilities (N, C)`` against ``labels (N,)``.

    The predicted class is the most probable one. With two classes, class 1 is the positive one:
    precision, recall, F1 and ROC AUC are its own and the Brier score is ``mean (p_1 - y)^2``.
    With more, precision, recall and F1 are averaged over the classes that occur in ``labels`` or
    are predicted (macro, undefined ones counted as 0, as in scikit-learn), the one-versus-rest AUC
    over those in ``labels``, and the Brier score is ``mean sum_c (p_c - y_c)^2`` (Brier
    1950; for two classes that would be twice the binary form). ``further`` are those of plugins.

    ``intervals`` holds ``[low, high]`` for each metric: percentile bootstrap over ``groups``, or
    over rows where there are none; where no two resamples differ (3 of 3 are right),
    :func:`dakit.evaluation.intervals.with_width`. Of a single object or row there are none, and
    ``no_intervals`` says why; it is None else. Of more than :data:`MANY` rows, what is drawn are
    blocks of them (:func:`dakit.evaluation.intervals.pooled_units`). A metric that is undefined,
    such as the AUC of one class, is None, and so is its interval; NaN never appears.

    These cover the true value about as often as they say (``tests/evaluation/test_coverage.py``:
    all metrics, from 200 rows or 120 objects on), but for that of the calibration error. It is a
    sum of absolute values: chance raises the point value above the truth and resampling raises
    the interval again, the more, the fewer the rows and the smaller the true error. The interval
    of a perfectly calibrated model (point value about 0.06 on 200 rows) never holds the truth,
    and may lie above the point value; that of a true error of 0.12 on 200 rows does in 88 % of
    cases instead of 95 %.
    """
    truth = np.asarray(labels, dtype=np.int64)
    scored = ScoredRows(truth, np.asarray(probabilities, dtype=np.float64), ece_bins, further)
    whole = scored.metrics(np.ones((1, len(truth))))
    points = {name: _point(value) for name, value in whole.items()}
    statistics: Callable[[Floats], dict[str, Floats]] = scored.metrics
    rows, drawn = len(truth), groups
    if len(truth) > MANY:
        units = pooled_units(len(truth), groups, seed)
        rows, drawn = int(units.max()) + 1, None
        statistics = scored.of_units(units, rows)
    intervals = bootstrap_intervals(
        statistics,
        rows,
        groups=drawn,
        resamples=bootstrap,
        confidence=confidence,
        seed=seed,
    )
    unseen = scored.unseen(np.arange(len(truth)) if groups is None else groups, confidence)
    return MetricSet(
        **points,
        n=len(truth),
        support=np.bincount(truth, minlength=np.shape(probabilities)[1]).tolist(),
        objects=None if groups is None else len(np.unique(groups)),
        intervals={
            name: None
            if (value := points[name]) is None
            else _listed(with_width(intervals.get(name), value, unseen[name], *scored.bounds(name)))
            for name in points
        },
        no_intervals=why_none(len(truth), groups),
    )


@final
class ScoredRows:
    """What the metrics need of each row, prepared once for all weightings."""

    def __init__(
        self,
        labels: NDArray[np.int64],
        probabilities: Floats,
        ece_bins: int,
        further: Measures = MappingProxyType({}),
    ) -> None:
        self._given, self._further = (labels, probabilities), further
        classes = probabilities.shape[1]
        self._binary = classes == 2
        predicted = probabilities.argmax(axis=1)
        self._true = np.eye(classes)[labels]
        self._predicted = np.eye(classes)[predicted]
        squares = ((probabilities - self._true) ** 2).sum(axis=1) / (2 if self._binary else 1)
        gaps = calibration_gaps(probabilities.max(axis=1), predicted == labels, ece_bins)
        hit = self._true * self._predicted
        self._summed = (hit, self._true, self._predicted, squares[:, None], gaps)
        scored = [1] if self._binary else range(classes)
        self._ranked = [RankedScores(probabilities[:, c], labels == c) for c in scored]

    def metrics(self, weights: Floats) -> dict[str, Floats]:
        """Return each metric ``(R,)`` for ``weights (R, N)``; NaN where it is undefined."""
        sums = [weights @ values for values in self._summed]
        found = self._metrics(sums, weights.sum(axis=1), [r.auc(weights) for r in self._ranked])
        return {**found, **self._of_plugins(weights)}

    def of_units(
        self, units: NDArray[np.int64], count: int
    ) -> Callable[[Floats], dict[str, Floats]]:
        """Return :meth:`metrics` for weights ``(R, G)`` of G units; row i is of ``units[i]``.

        The rows of a unit are summed first, which takes time with their number once and not in
        each resample. For the AUC that is possible to first order
        (:meth:`dakit.evaluation.auc.RankedScores.placements`), which many rows allow.
        """
        summed = [_sum_of_units(values, units, count) for values in self._summed]
        placed = [_sum_of_units(ranked.placements(), units, count) for ranked in self._ranked]
        sizes = np.bincount(units, minlength=count).astype(np.float64)

        def metrics(weights: Floats) -> dict[str, Floats]:
            areas = [auc_of_placements(weights @ values) for values in placed]
            found = self._metrics([weights @ values for values in summed], weights @ sizes, areas)
            return {**found, **self._of_plugins(weights[:, units])}

        return metrics

    def _of_plugins(self, weights: Floats) -> dict[str, Floats]:
        return {name: each.of(*self._given, weights) for name, each in self._further.items()}

    def _metrics(
        self, sums: Sequence[Floats], total: Floats, areas: Sequence[Floats]
    ) -> dict[str, Floats]:
        hit, true, predicted, squares, gaps = sums
        present, counted = true > 0, true + predicted > 0
        several = np.where(present.sum(axis=1) > 1, 1.0, np.nan)
        recalls, auc = _ratio(hit, true), np.stack(areas, axis=1)
        with np.errstate(invalid="ignore"):
            return {
                "accuracy": hit.sum(axis=1) / total,
                "balanced_accuracy": _mean_where(recalls, present) * several,
                "precision": self._class_average(_ratio(hit, predicted), counted),
                "recall": self._class_average(recalls, counted),
                "f1": self._class_average(_ratio(2 * hit, true + predicted), counted),
                "brier": squares[:, 0] / total,
                "ece": expected_calibration_error(gaps, total),
                "auc": _mean_where(auc, np.isfinite(auc)),
            }

    def unseen(self, units: NDArray[Any], confidence: float) -> dict[str, float]:
        """Return for each metric what :func:`unseen_share` says of the ``units`` that count in it.

        These are the ones with a row of the class, predicted to be of it, or either. Shares of
        several classes add in quadrature, as in Newcombe (1998, Stat. Med. 17, 873).
        """

        numbers = np.unique(units, return_inverse=True)[1]

        def share(rows: Floats) -> Floats:
            counts = [np.count_nonzero(np.bincount(numbers[column > 0])) for column in rows.T]
            return unseen_share(np.asarray(counts, np.float64), confidence)

        def mean(shares: Floats, classes: NDArray[np.intp]) -> float:
            return float(np.linalg.norm(shares[classes]) / max(1, len(classes)))

        present = np.flatnonzero(self._true.any(axis=0))
        counted = np.flatnonzero((self._true + self._predicted).any(axis=0))
        averaged = np.array([1]) if self._binary else counted
        ranked = averaged if self._binary else present
        true = share(self._true)
        whole = float(share(np.ones((len(units), 1)))[0])
        return {
            **dict.fromkeys(("accuracy", "brier", "ece", *self._further), whole),
            "balanced_accuracy": mean(true, present),
            "precision": mean(share(self._predicted), averaged),
            "recall": mean(true, averaged),
            "f1": mean(share(self._true + self._predicted), averaged),
            "auc": min(1.0, mean(np.hypot(true, share(1 - self._true)), ranked)),
        }

    def bounds(self, metric: str) -> tuple[float, float]:
        """Return the smallest and the largest value that ``metric`` can have."""
        if metric in self._further:
            return self._further[metric].told.lowest, self._further[metric].told.highest
        return 0.0, 2.0 if metric == "brier" and not self._binary else 1.0

    def _class_average(self, values: Floats, counted: NDArray[np.bool_]) -> Floats:
        """The positive class alone, or the mean over the counted ones, 0 where it is undefined."""
        if self._binary:
            return values[:, 1]
        return _mean_where(np.nan_to_num(values), counted)


def _sum_of_units(values: Floats, units: NDArray[np.int64], count: int) -> Floats:
    """Return the sums ``(G, K)`` of ``values (N, K)`` over the rows of each unit."""
    return np.stack([np.bincount(units, column, count) for column in values.T], axis=1)


def _ratio(part: Floats, whole: Floats) -> Floats:
    ratio: Floats = np.divide(part, whole, out=np.full_like(whole, np.nan), where=whole > 0)
    return ratio


def _mean_where(values: Floats, chosen: NDArray[np.bool_]) -> Floats:
    return _ratio(np.where(chosen, values, 0.0).sum(axis=1), chosen.sum(axis=1, dtype=np.float64))


def _point(value: Floats) -> float | None:
    return float(value[0]) if np.isfinite(value[0]) else None


def _listed(interval: tuple[float, float] | None) -> list[float] | None:
    return None if interval is None else list(interval)
