"""What brings the domains together does what its formula says."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.linalg import eig
from scipy.optimize import LinearConstraint, linear_sum_assignment, minimize
from scipy.spatial.distance import cdist
from sklearn.decomposition import PCA

from dakit.contracts import BuildContext, EpochView, SourceSide, TargetSide
from dakit_shallow.coral_map import CoralMap
from dakit_shallow.coral_map_loss import coral, covariance
from dakit_shallow.jdot import JDOT
from dakit_shallow.jdot_loss import transported
from dakit_shallow.kmm import KMM
from dakit_shallow.kmm_loss import allowed, matching_weights
from dakit_shallow.linear_ot import LinearOT
from dakit_shallow.logistic import Logistic
from dakit_shallow.nearest_neighbour import NearestNeighbour
from dakit_shallow.subspace_alignment import SubspaceAlignment
from dakit_shallow.subspace_alignment_loss import principal_axes
from dakit_shallow.tca import TCA
from dakit_shallow.tca_loss import transfer_components

METHODS = (SubspaceAlignment, TCA, CoralMap, LinearOT, JDOT, KMM)


def fitted(spec, source, labels, target, classes=3):
    """Return what predicts, of features, after the epoch of a run."""
    context = BuildContext(
        seed=0,
        feature_dim=source.shape[1],
        num_classes=classes,
        source_size=len(source),
        target_size=len(target),
    )
    term = spec.build(context)
    rows = [torch.from_numpy(each) for each in (source, target)]
    logits = [torch.zeros(len(each), classes) for each in rows]
    sides = SourceSide(rows[0], logits[0], torch.from_numpy(labels)), TargetSide(rows[1], logits[1])
    term.on_epoch_end(EpochView(1, 1.0, lambda: sides[0], lambda: sides[1]))
    return term.predictor()


def accuracy(rule, rows, labels):
    return float((rule(torch.from_numpy(rows)).argmax(1).numpy() == labels).mean())


def test_coral_gives_the_source_the_covariance_of_the_target(blobs):
    source, _, target, _ = blobs(80, 0)
    matrix = coral(source, target, 0.3)
    np.testing.assert_allclose(
        matrix.T @ covariance(source, 0.3) @ matrix, covariance(target, 0.3), atol=1e-9
    )
    np.testing.assert_allclose(covariance(source, 0.0), np.cov(source.T), atol=1e-12)


def test_subspace_alignment_is_that_of_two_principal_component_analyses(blobs):
    source, labels, target, _ = blobs(80, 1)
    of_source, of_target = PCA(2).fit(source), PCA(2).fit(target)
    aligned = of_source.transform(source) @ of_source.components_ @ of_target.components_.T
    spec = SubspaceAlignment(components=2, classifier="nearest_neighbour")
    rule = fitted(spec, source, labels, target)
    nearest = cdist(of_target.transform(target), aligned).argmin(axis=1)
    found = rule(torch.from_numpy(target)).argmax(1).numpy()
    np.testing.assert_array_equal(found, labels[nearest])


def test_the_axes_are_principal(blobs):
    source, *_ = blobs(50, 2)
    found, wanted = principal_axes(source, 3), PCA(3).fit(source).components_.T
    np.testing.assert_allclose(np.abs(found.T @ wanted), np.eye(3), atol=1e-9)


@pytest.mark.parametrize("regularization", [0.1, 30.0])
def test_tca_has_the_leading_eigenvectors_of_the_paper(regularization, blobs):
    source, _, target, _ = blobs(20, 3)
    rows, n, m = np.concatenate([source, target]), len(source), len(target)
    kernel, centring = rows @ rows.T, np.eye(n + m) - 1 / (n + m)
    share = np.concatenate([np.full(n, 1 / n), np.full(m, -1 / m)])
    left = kernel @ np.outer(share, share) @ kernel + regularization * np.eye(n + m)
    values, vectors = eig(np.linalg.solve(left, kernel @ centring @ kernel))
    leading = vectors[:, np.argsort(-values.real)[:2]].real
    found = rows @ transfer_components(source, target, 2, regularization)
    for column, wanted in zip(found.T, (kernel @ leading).T, strict=True):
        cosine = column @ wanted / (np.linalg.norm(column) * np.linalg.norm(wanted))
        assert abs(cosine) == pytest.approx(1, abs=1e-6)
    assert np.square(found).mean() == pytest.approx(1)


def test_linear_transport_takes_the_source_to_the_gaussian_of_the_target(blobs):
    import ot

    source, _, target, _ = blobs(80, 4)
    matrix, shift = ot.gaussian.empirical_bures_wasserstein_mapping(source, target, reg=1e-9)
    moved = source @ matrix + shift
    np.testing.assert_allclose(moved.mean(0), target.mean(0), atol=1e-6)
    np.testing.assert_allclose(np.cov(moved.T), np.cov(target.T), rtol=1e-3, atol=0.1)


def test_transport_of_as_many_rows_is_an_assignment():
    rng = np.random.default_rng(0)
    costs, labels = rng.random((9, 9)), np.arange(9) % 3
    of_source, of_target = linear_sum_assignment(costs)
    rows, classes, shares = transported(costs, labels)
    np.testing.assert_array_equal(rows, np.arange(9))
    np.testing.assert_array_equal(classes[of_target], labels[of_source])
    np.testing.assert_allclose(shares, 1)


def test_of_unequal_sizes_the_shares_of_a_row_add_up_to_1():
    rng = np.random.default_rng(1)
    rows, _, shares = transported(rng.random((7, 12)), np.arange(7) % 3)
    np.testing.assert_allclose(np.bincount(rows, shares), np.ones(12), atol=1e-9)


def test_matching_weights_are_those_of_a_general_solver(blobs):
    source, _, target, _ = blobs(12, 5)
    within, between = cdist(source, source, "sqeuclidean"), cdist(source, target, "sqeuclidean")
    h = (within.mean() + between.mean()) / 2
    within, between = (np.exp(-squared / (2 * h)) for squared in (within, between))

    def distance(weights):
        return weights @ within @ weights / 12**2 - 2 * weights @ between.mean(1) / 12

    found = matching_weights(source, target, 3.0, 0.2)
    mean = LinearConstraint(np.full(12, 1 / 12), 0.8, 1.2)
    theirs = minimize(
        distance, np.ones(12), bounds=[(0, 3)] * 12, constraints=[mean], options={"ftol": 1e-12}
    )
    assert distance(found) <= theirs.fun + 1e-7
    assert found.min() >= 0
    assert found.max() <= 3
    assert abs(found.mean() - 1) <= 0.2 + 1e-9


@pytest.mark.parametrize("slack", [0.0, 0.1])
def test_weights_are_moved_no_farther_than_they_must_be(slack):
    rng = np.random.default_rng(2)
    for size in (1, 5, 30):
        drawn = rng.normal(1, 3, size)
        found = allowed(drawn, 4.0, slack)
        assert abs(found.mean() - 1) <= slack + 1e-9
        for _ in range(50):
            other = allowed(rng.normal(1, 2, size), 4.0, slack)
            assert np.square(found - drawn).sum() <= np.square(other - drawn).sum() + 1e-9


def test_rows_that_are_like_the_target_count_more():
    rng = np.random.default_rng(3)
    source, target = rng.normal(size=(60, 2)), rng.normal(size=(60, 2)) + np.eye(2)[0]
    weights = matching_weights(source, target, 10.0, 0.1)
    assert weights[source[:, 0] > 0.5].mean() > 2 * weights[source[:, 0] < -0.5].mean()


def test_linear_transport_finds_by_how_much_each_axis_is_stretched(blobs):
    source, labels, *_ = blobs(3000, 6)
    target, hidden, *_ = blobs(2000, 8)
    source, stretch = source - source.mean(0), np.array([0.1, 4.0, 1.0, 2.0, 0.5, 1.0])
    target = (target - target.mean(0)) * stretch
    rule = fitted(LinearOT(regularization=1e-6), source, labels, target)
    known = fitted(Logistic(), source * stretch, labels, target)
    assert accuracy(rule, target, hidden) == pytest.approx(
        accuracy(known, target, hidden), abs=0.01
    )
    assert accuracy(rule, target, hidden) > accuracy(
        fitted(Logistic(), source, labels, target), target, hidden
    )


def test_joint_transport_follows_a_target_that_is_turned():
    rng, labels = np.random.default_rng(0), np.arange(90) % 3
    corners = 4 * np.stack([np.cos([0, 2.1, 4.2]), np.sin([0, 2.1, 4.2])], axis=1)
    source = corners[labels] + 0.5 * rng.normal(size=(90, 2))
    turn = np.array([[np.cos(0.9), -np.sin(0.9)], [np.sin(0.9), np.cos(0.9)]])
    target = (corners[labels] + 0.5 * rng.normal(size=(90, 2))) @ turn
    options = {"inverse_regularization": 1.0}
    plain = accuracy(fitted(Logistic(**options), source, labels, target), target, labels)
    found = accuracy(fitted(JDOT(**options), source, labels, target), target, labels)
    assert found > 0.98 > plain


@pytest.mark.parametrize("spec", [*METHODS, Logistic, NearestNeighbour], ids=lambda s: s.__name__)
@pytest.mark.parametrize("case", ["identical rows", "one class", "more columns", "two rows"])
def test_hard_cases_are_finite(spec, case, blobs):
    source, labels, target, _ = blobs(12, 7)
    if case == "identical rows":
        source, target = np.ones_like(source), np.ones_like(target)
    if case == "one class":
        labels = np.zeros_like(labels)
    if case == "more columns":
        source, target = np.tile(source, 5), np.tile(target, 5)
    if case == "two rows":
        source, labels, target = source[:2], labels[:2], target[:2]
    assert fitted(spec(), source, labels, target)(torch.from_numpy(target)).isfinite().all()
