"""Curves behind the metrics: ROC, precision-recall, reliability."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from dakit.evaluation.calibration import bins_of

Floats = NDArray[np.float64]

MEAN_POINTS = 1001
"""Points of a curve that is a mean of others."""


@final
@dataclass(frozen=True)
class Curve:
    """Points ``(x, y)`` of a curve, each ``(K,)``."""

    x: Floats
    y: Floats


CurveOf = Callable[[NDArray[np.bool_], Floats], Curve | None]


def roc(positive: NDArray[np.bool_], scores: Floats) -> Curve | None:
    """Return false against true positive rate; None where only one class is there."""
    from sklearn.metrics import roc_curve

    if positive.all() or not positive.any():
        return None
    false_positive, true_positive, _ = roc_curve(positive, scores)
    return Curve(false_positive, true_positive)


def precision_recall(positive: NDArray[np.bool_], scores: Floats) -> Curve | None:
    """Return recall against precision; None where there are no positives."""
    from sklearn.metrics import precision_recall_curve

    if not positive.any():
        return None
    precision, recall, _ = precision_recall_curve(positive, scores)
    return Curve(recall, precision)


def average_precision(labels: NDArray[np.int64], scores: Floats) -> float | None:
    """Return ``sum_k (R_k - R_(k-1)) P_k`` over the thresholds, of class 1 where there are two.

    With more classes the mean over those that occur, each against the rest; None without any.
    """
    from sklearn.metrics import average_precision_score

    classes = [1] if scores.shape[1] == 2 else range(scores.shape[1])
    areas = [
        average_precision_score(labels == c, scores[:, c]) for c in classes if (labels == c).any()
    ]
    return float(np.mean(areas)) if areas else None


def mean_curve(curve_of: CurveOf, labels: NDArray[np.int64], scores: Floats) -> Curve | None:
    """Return the mean over classes of a curve of each class against the rest, at equal x.

    ``scores (N, C)``; with two classes the curve of class 1 itself. The area under a mean ROC
    curve is the macro-averaged AUC. Classes that have no curve are left out; None without any.
    """
    if scores.shape[1] == 2:
        return curve_of(labels == 1, scores[:, 1])
    curves = (curve_of(labels == c, scores[:, c]) for c in range(scores.shape[1]))
    found = [curve for curve in curves if curve is not None]
    if not found:
        return None
    return vertical_mean(found)


def vertical_mean(curves: Sequence[Curve]) -> Curve:
    """Return the mean height of ``curves`` at equal x (Fawcett 2006, vertical averaging)."""
    x = np.linspace(0, 1, MEAN_POINTS)
    heights = [np.interp(x, *_rising(curve)) for curve in curves]
    return Curve(x, np.mean(heights, axis=0))


def _rising(curve: Curve) -> tuple[Floats, Floats]:
    """Return x and y with x rising; scikit-learn's recall falls."""
    return (curve.x[::-1], curve.y[::-1]) if curve.x[0] > curve.x[-1] else (curve.x, curve.y)


@final
@dataclass(frozen=True)
class Reliability:
    """Of each confidence bin that is not empty ``(K,)``: mean confidence, accuracy, rows."""

    confidence: Floats
    accuracy: Floats
    counts: NDArray[np.int64]


def reliability(labels: NDArray[np.int64], probabilities: Floats, bins: int) -> Reliability:
    """Return stated confidence against observed accuracy, in the bins of the ECE (Guo et al. 2017).

    The confidence of a row is its largest probability; bin b holds (b/bins, (b+1)/bins].
    """
    confidence = probabilities.max(axis=1)
    correct = probabilities.argmax(axis=1) == labels
    index = bins_of(confidence, bins)
    counts = np.bincount(index, minlength=bins)
    filled = counts > 0
    means = [
        np.bincount(index, weights, bins)[filled] / counts[filled]
        for weights in (confidence, correct.astype(np.float64))
    ]
    return Reliability(means[0], means[1], counts[filled])
