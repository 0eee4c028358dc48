"""Classifiers that are arrays predict as scikit-learn's do."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from dakit_shallow.rules import LinearRule, NearestRule, Projected


@pytest.mark.parametrize("classes", [2, 3, 5])
@pytest.mark.parametrize("weighted", [False, True])
def test_logistic_regression_has_the_probabilities_of_scikit_learn(classes, weighted, blobs):
    rows, labels, others, _ = blobs(60, 0, classes)
    weights = np.linspace(0.1, 2, 60) if weighted else None
    rule = LinearRule(6, classes, 0.3)
    rule.fit(rows, labels, weights)
    theirs = LogisticRegression(C=0.3, max_iter=1000).fit(rows, labels, sample_weight=weights)
    found = rule(torch.from_numpy(others)).softmax(1)
    np.testing.assert_allclose(found.numpy(), theirs.predict_proba(others), atol=1e-5)


def test_a_class_without_rows_is_never_predicted(blobs):
    rows, labels, others, _ = blobs(30, 1)
    for rule in (LinearRule(6, 5, 1.0), NearestRule(6, 5, 30)):
        rule.fit(rows, labels)
        logits = rule(torch.from_numpy(others))
        assert logits.isfinite().all()
        assert logits.softmax(1)[:, 3:].max() == 0


def test_of_one_class_all_is_that_class():
    rule = LinearRule(6, 3, 1.0)
    rule.fit(np.zeros((4, 6)), np.full(4, 2))
    assert rule(torch.randn(5, 6)).argmax(1).tolist() == [2] * 5


def test_the_nearest_row_has_the_class_as_for_scikit_learn(blobs):
    rows, labels, others, _ = blobs(200, 2)
    rule = NearestRule(6, 3, 200)
    rule.fit(rows, labels)
    theirs = KNeighborsClassifier(1).fit(rows, labels)
    found = rule(torch.from_numpy(others)).argmax(1)
    np.testing.assert_array_equal(found.numpy(), theirs.predict(others))


def test_identical_rows_are_no_nan():
    rule = NearestRule(6, 3, 4)
    rule.fit(np.ones((4, 6)), np.array([0, 1, 2, 0]))
    assert rule(torch.ones(2, 6)).isfinite().all()
    assert rule(torch.zeros(2, 6)).isfinite().all()


@pytest.mark.parametrize("unit", [False, True])
def test_a_projection_comes_first(unit, blobs):
    rows, labels, others, _ = blobs(50, 3)
    centre, projection = rows.mean(0), np.linalg.qr(np.random.default_rng(0).normal(size=(6, 2)))[0]
    rule = Projected(6, NearestRule(2, 3, 50), 2, unit=unit)
    rule.look_from(centre, projection)
    seen, new = ((each - centre) @ projection for each in (rows, others))
    rule.fit(seen, labels)
    if unit:
        seen, new = (each / np.linalg.norm(each, axis=1, keepdims=True) for each in (seen, new))
    theirs = KNeighborsClassifier(1).fit(seen, labels).predict(new)
    np.testing.assert_array_equal(rule(torch.from_numpy(others)).argmax(1).numpy(), theirs)
