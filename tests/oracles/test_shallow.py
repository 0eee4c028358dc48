"""Methods on feature vectors are those of skada.

Not its TCA: it takes ``eigh`` of a matrix that is not symmetric, and so of its lower half alone.
Nor its KMM where the bound of the weights matters, which its default solver goes beyond.
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from sklearn.linear_model import LogisticRegression

from dakit.contracts import BuildContext, EpochView, SourceSide, TargetSide
from dakit_shallow.coral_map_loss import coral
from dakit_shallow.jdot import JDOT
from dakit_shallow.kmm_loss import matching_weights
from dakit_shallow.subspace_alignment_loss import principal_axes

SIZES = pytest.mark.parametrize(("n", "m"), [(40, 40), (30, 50)])


def domains(n, m):
    rng = np.random.default_rng(n)
    labels = np.arange(n) % 3
    source = rng.normal(size=(n, 4)) + 3 * np.eye(4)[labels]
    target = (rng.normal(size=(m, 4)) + 3 * np.eye(4)[np.arange(m) % 3]) @ rng.normal(size=(4, 4))
    return source, labels, target


def together(source, target):
    """Return all rows, and the sign of each one's domain, as skada takes them."""
    rows = np.concatenate([source, target])
    return rows, np.repeat([1, -2], [len(source), len(target)])


@SIZES
def test_coral(n, m, oracle):
    source, _, target = domains(n, m)
    source, target = source - source.mean(0), target - target.mean(0)
    rows, of = together(source, target)
    adapter = oracle("skada").CORALAdapter(reg=0.0)
    theirs = adapter.fit_transform(rows, sample_domain=of)[: len(source)]
    biased = np.sqrt((1 - 1 / m) / (1 - 1 / n))  # skada divides by n, not by n - 1
    mine = source @ coral(source, target, 1e-12) * biased
    np.testing.assert_allclose(mine, theirs, rtol=1e-6, atol=1e-6)


@SIZES
def test_subspace_alignment(n, m, oracle):
    source, _, target = domains(n, m)
    rows, of = together(source, target)
    adapter = oracle("skada").SubspaceAlignmentAdapter(n_components=2)
    theirs = adapter.fit_transform(rows, sample_domain=of)
    of_source, of_target = principal_axes(source, 2), principal_axes(target, 2)
    aligned = (source - source.mean(0)) @ of_source @ of_source.T @ of_target
    mine = np.concatenate([aligned, (target - target.mean(0)) @ of_target])
    signs = np.sign((mine * theirs).sum(axis=0))  # an axis has two directions
    np.testing.assert_allclose(mine * signs, theirs, rtol=1e-6, atol=1e-6)


@SIZES
def test_kernel_mean_matching(n, m, oracle):
    source, _, target = domains(n, m)
    within, between = cdist(source, source, "sqeuclidean"), cdist(source, target, "sqeuclidean")
    h = (within.mean() + between.mean()) / 2
    adapter = oracle("skada").KMMReweightAdapter(
        kernel="rbf", gamma=1 / (2 * h), B=100.0, eps=0.2, tol=1e-12, max_iter=20_000
    )
    rows, of = together(source, target)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = adapter.fit(rows, sample_domain=of).source_weights_
    kernels = [np.exp(-squared / (2 * h)) for squared in (within, between)]

    def distance(weights):
        return weights @ kernels[0] @ weights / n**2 - 2 * weights @ kernels[1].mean(1) / n

    found = distance(matching_weights(source, target, 100.0, 0.2))
    assert found == pytest.approx(distance(theirs), abs=1e-4)
    assert found <= distance(theirs) + 1e-7


@SIZES
@pytest.mark.parametrize("turns", [1, 4])
def test_joint_distribution_transport(n, m, turns, oracle):
    source, labels, target = domains(n, m)
    weight, c = 2.0, 0.1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the turns were all taken
        theirs = oracle("skada._ot").solve_jdot_classification(
            LogisticRegression(C=c, max_iter=1000),
            source,
            labels,
            target,
            alpha=1 / (1 + weight),
            n_iter_max=turns,
            tol=0,
        )[0]
    context = BuildContext(seed=0, feature_dim=4, num_classes=3, source_size=n, target_size=m)
    term = JDOT(alpha=weight, inverse_regularization=c, turns=turns).build(context)
    rows = [torch.from_numpy(each) for each in (source, target)]
    given = SourceSide(rows[0], torch.zeros(n, 3), torch.from_numpy(labels))
    other = TargetSide(rows[1], torch.zeros(m, 3))
    term.on_epoch_end(EpochView(1, 1.0, lambda: given, lambda: other))
    found = term.predictor()(rows[1]).softmax(1).numpy()
    np.testing.assert_allclose(found, theirs.predict_proba(target), atol=1e-4)
