"""Scores that set the domains beside each other, against scikit-learn and loops."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dakit.builtin.validators.density_ratio import LARGEST_LOG, density_ratio
from dakit.builtin.validators.dev import DEVSpec
from dakit.builtin.validators.dev_score import controlled_risk
from dakit.builtin.validators.iwv import IWVSpec
from dakit.builtin.validators.proxy_distance import ProxyDistanceSpec


def by_hand(view, loss):
    """Weights and losses, one row at a time; the classifier is scikit-learn's."""
    source, target, rows = (
        each.double().numpy()
        for each in (view.source_train_features, view.target_train_features, view.source_features)
    )
    classifier = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    classifier.fit(np.vstack([source, target]), [1] * len(source) + [0] * len(target))
    p = classifier.predict_proba(rows)
    weights = [len(source) / len(target) * each[0] / each[1] for each in p]
    logits, labels = view.source_logits.double().numpy(), view.source_labels.numpy()
    cross = [-np.log(softmax(row)[label]) for row, label in zip(logits, labels, strict=True)]
    wrong = [float(row.argmax() != label) for row, label in zip(logits, labels, strict=True)]
    return np.array(weights), np.array(cross if loss == "cross_entropy" else wrong)


@pytest.mark.parametrize("loss", ["cross_entropy", "error"])
def test_iwv_is_minus_the_weighted_mean(score, make_view, loss):
    view = make_view()
    weights, losses = by_hand(view, loss)
    wanted = -sum(w * each for w, each in zip(weights, losses, strict=True)) / len(losses)
    assert score(IWVSpec(loss=loss), view) == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize("loss", ["cross_entropy", "error"])
def test_dev_is_that_of_the_paper(score, make_view, loss):
    view = make_view()
    weights, losses = by_hand(view, loss)
    weighted = weights * losses
    eta = -np.cov(weighted, weights)[0, 1] / np.var(weights, ddof=1)
    wanted = -(weighted.mean() + eta * weights.mean() - eta)
    assert score(DEVSpec(loss=loss), view) == pytest.approx(wanted, abs=1e-6)


def test_the_control_variate_lowers_the_variance():
    """Of weights with the mean 1: over many samples of 50 rows the risk scatters less."""
    random = np.random.default_rng(0)
    plain, controlled = [], []
    for _ in range(300):
        weights = random.lognormal(-0.5, 1.0, 50)
        losses = random.uniform(0.5, 1.0, 50)
        plain.append((weights * losses).mean())
        controlled.append(controlled_risk(weights, losses))
    assert np.std(controlled) < 0.5 * np.std(plain)
    assert np.mean(controlled) == pytest.approx(0.75, abs=0.02)


def test_equal_weights_are_left_as_they_are():
    assert controlled_risk(np.ones(4), np.array([0.0, 1.0, 2.0, 3.0])) == pytest.approx(1.5)


def test_weights_of_domains_that_are_told_apart_stay_finite():
    far = np.full((20, 3), 50.0) + np.random.default_rng(0).normal(size=(20, 3))
    weights = density_ratio(far - 100, far, np.vstack([far * 1e6, far - 1e8]))
    assert np.isfinite(weights).all()
    assert np.log(weights).max() <= LARGEST_LOG + 1e-9


def distance_by_hand(view):
    source, target = (
        each.double().numpy() for each in (view.source_features, view.target_features)
    )
    errors = []
    for learn, test in ((0, 1), (1, 0)):
        x = np.vstack([source[learn::2], target[learn::2]])
        y = [0] * len(source[learn::2]) + [1] * len(target[learn::2])
        model = make_pipeline(
            StandardScaler(), LogisticRegression(class_weight="balanced", max_iter=1000)
        ).fit(x, y)
        wrong = [
            np.mean(model.predict(d[test::2]) != side) for side, d in enumerate((source, target))
        ]
        errors.append(np.mean(wrong))
    return 2 * (1 - 2 * min(np.mean(errors), 0.5))


@pytest.mark.parametrize("options", [{}, {"n": 15, "m": 80}])
def test_the_proxy_distance_is_that_of_a_classifier_on_held_out_rows(score, make_view, options):
    view = make_view(**options)
    wanted = -distance_by_hand(view)
    assert -2 < wanted < 0
    assert score(ProxyDistanceSpec(), view) == pytest.approx(wanted, abs=1e-6)


def test_bounds_of_the_proxy_distance(score, make_view):
    view = make_view()
    far = dataclasses.replace(view, target_features=view.target_features + 100)
    assert score(ProxyDistanceSpec(), far) == -2
    same = dataclasses.replace(view, target_features=view.source_features)
    assert score(ProxyDistanceSpec(), same) == pytest.approx(0, abs=0.3)
    constant = torch.ones_like(view.source_features)
    nothing = dataclasses.replace(view, source_features=constant, target_features=constant)
    assert score(ProxyDistanceSpec(), nothing) == 0
