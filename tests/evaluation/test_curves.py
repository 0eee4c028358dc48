"""Curves against the metrics they belong to."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from dakit.evaluation.curves import (
    average_precision,
    mean_curve,
    precision_recall,
    reliability,
    roc,
)
from dakit.evaluation.metrics import metric_set


def scored(classes: int, rows: int = 300) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(classes)
    labels = rng.integers(0, classes, rows)
    logits = rng.normal(size=(rows, classes)) + 1.2 * np.eye(classes)[labels]
    return labels, np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


@pytest.mark.parametrize("classes", [2, 3, 7])
def test_the_area_under_the_roc_curve_is_the_auc(classes: int) -> None:
    labels, probabilities = scored(classes)
    curve = mean_curve(roc, labels, probabilities)
    assert curve is not None
    scores = probabilities[:, 1] if classes == 2 else probabilities
    expected = roc_auc_score(labels, scores, multi_class="ovr", average="macro")
    assert np.trapezoid(curve.y, curve.x) == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize("classes", [2, 3, 7])
def test_average_precision_is_scikit_learns(classes: int) -> None:
    labels, probabilities = scored(classes)
    if classes == 2:
        expected = average_precision_score(labels, probabilities[:, 1])
    else:
        expected = average_precision_score(labels, probabilities, average="macro")
    assert average_precision(labels, probabilities) == pytest.approx(expected, abs=1e-12)


def test_average_precision_leaves_out_classes_that_do_not_occur() -> None:
    labels, probabilities = scored(3)
    kept = labels != 2
    expected = np.mean(
        [average_precision_score(labels[kept] == c, probabilities[kept, c]) for c in (0, 1)]
    )
    assert average_precision(labels[kept], probabilities[kept]) == pytest.approx(expected)
    assert average_precision(np.zeros(4, int), np.eye(2)[[0, 0, 1, 1]]) is None


def test_precision_and_recall_by_hand() -> None:
    positive = np.asarray([True, False, True, False])
    curve = precision_recall(positive, np.asarray([0.9, 0.8, 0.7, 0.1]))
    assert curve is not None
    points = set(zip(curve.x.round(3).tolist(), curve.y.round(3).tolist(), strict=True))
    assert {(0.5, 1.0), (0.5, 0.5), (1.0, 0.667), (1.0, 0.5)} <= points


def test_no_curve_without_both_classes() -> None:
    scores = np.linspace(0, 1, 5)
    assert roc(np.ones(5, bool), scores) is None
    assert precision_recall(np.zeros(5, bool), scores) is None
    assert mean_curve(roc, np.zeros(5, int), np.ones((5, 1))) is None


@pytest.mark.parametrize("classes", [2, 5])
def test_reliability_adds_up_to_the_calibration_error(classes: int) -> None:
    labels, probabilities = scored(classes)
    points = reliability(labels, probabilities, 15)
    assert points.counts.sum() == len(labels)
    gap = (points.counts * np.abs(points.accuracy - points.confidence)).sum() / len(labels)
    expected = metric_set(labels, probabilities, bootstrap=0).ece
    assert gap == pytest.approx(expected, abs=1e-9)
