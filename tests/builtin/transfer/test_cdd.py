from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans

from dakit.builtin.transfer.cdd import CDDSpec
from dakit.builtin.transfer.cdd_loss import NONE, clusters
from dakit.contracts import BuildContext, EpochView, SourceSide, TargetSide

FACTORS = (0.125, 0.25, 0.5, 1.0, 2.0)
CONTEXT = BuildContext(seed=0, num_classes=4, target_size=40)


def loop(x, y, labels, clustered):
    """Kang et al. 2019: D(c, d) of each pair of classes, then intra less inter."""
    shared = [c for c in set(labels) if c in set(clustered)]
    x, labels = (rows[np.isin(labels, shared)] for rows in (x, labels))
    y, clustered = (rows[np.isin(clustered, shared)] for rows in (y, clustered))
    rows = np.concatenate([x, y])
    squared = cdist(rows, rows, "sqeuclidean")
    mean = squared.sum() / (len(rows) * (len(rows) - 1))

    def average(a, b):
        return np.mean(
            [
                sum(np.exp(-((p - q) @ (p - q)) / (2 * f * mean)) for f in FACTORS)
                for p in a
                for q in b
            ]
        )

    def discrepancy(c, d):
        of_source, of_target = x[labels == c], y[clustered == d]
        within = average(of_source, of_source) + average(of_target, of_target)
        return within - 2 * average(of_source, of_target)

    intra = np.mean([discrepancy(c, c) for c in shared])
    inter = np.mean([discrepancy(c, d) for c in shared for d in shared if c != d])
    return intra - inter


def term_with(labels):
    term = CDDSpec().build(CONTEXT)
    term.labels[: len(labels)] = torch.as_tensor(labels)
    return term


@pytest.mark.parametrize(("n", "m"), [(12, 12), (20, 9), (8, 15)])
def test_value_is_intra_less_inter(n, m, make_batch):
    batch = make_batch(n, m, classes=4)
    clustered = np.random.default_rng(n).choice([0, 1, 3, NONE], m)
    value = term_with(clustered)(batch).item()
    x, y = (side.features.detach().numpy() for side in (batch.source, batch.target))
    wanted = loop(x, y, batch.source.labels.numpy(), clustered)
    assert value == pytest.approx(wanted, rel=1e-9)


def test_fewer_than_two_common_classes_are_nothing_to_contrast(make_batch):
    batch = make_batch(8, 6, classes=4)
    loss = term_with([2, 2, NONE, 2, NONE, 2])(batch)
    loss.backward()
    assert loss.item() == 0
    assert batch.target.features.grad.abs().max() == 0


def test_a_step_brings_classes_together_and_takes_others_apart(make_batch):
    rows = torch.tensor([[1.0, 0.0], [0.0, 1.0]], dtype=torch.float64).repeat(4, 1)
    batch = make_batch(8, 8, classes=2, source=rows, target=0.5 * rows + 0.2)
    loss = term_with([0, 1] * 4)(batch)
    loss.backward()
    moved = (batch.target.features - 0.1 * batch.target.features.grad).detach()
    before, after = (
        cdist(batch.source.features.detach(), y) for y in (batch.target.features.detach(), moved)
    )
    same = np.equal.outer(np.arange(8) % 2, np.arange(8) % 2)
    assert after[same].mean() < before[same].mean()
    assert after[~same].mean() > before[~same].mean()


def on_sphere(rows=60, dim=3, seed=0):
    drawn = np.random.default_rng(seed).normal(size=(rows, dim))
    drawn += 4 * np.eye(dim)[np.arange(rows) % dim]
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


@pytest.mark.parametrize("seed", range(4))
def test_clusters_are_those_of_k_means_of_directions(seed):
    rows = on_sphere(seed=seed)
    start = np.eye(3) + 0.1
    labels, distances = clusters(torch.from_numpy(rows), torch.from_numpy(start))
    again = KMeans(3, init=start, n_init=1, max_iter=100).fit(rows)
    assert (labels.numpy() == again.labels_).mean() > 0.95  # the same but where two are as near
    centres = np.stack([rows[labels.numpy() == c].sum(0) for c in range(3)])
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    cosines = rows @ centres.T
    assert (labels.numpy() == cosines.argmax(1)).all()
    assert distances.numpy() == pytest.approx((1 - cosines.max(1)) / 2)


def test_a_centre_of_length_0_is_never_taken():
    labels, _ = clusters(-torch.eye(3), torch.tensor([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]]))
    assert 0 not in labels.tolist()


def view(source, labels, target):
    source = SourceSide(torch.from_numpy(source), torch.zeros(len(source), 4), labels)
    target = TargetSide(torch.from_numpy(target), torch.zeros(len(target), 4))
    return EpochView(1, 0.0, lambda: source, lambda: target)


def test_an_epoch_labels_what_is_near_and_drops_rows_and_classes_that_are_not():
    directions = np.eye(4)
    near = np.repeat(directions[:3], [10, 10, 2], axis=0)
    apart = np.repeat(directions[3] - directions[:3], 6, axis=0)  # 0.09 from their centre
    term = CDDSpec(distance=0.05).build(CONTEXT)
    term.on_epoch_start(view(directions, torch.arange(4), np.concatenate([near, apart])))
    assert term.labels.tolist() == [0] * 10 + [1] * 10 + [NONE] * 20
    assert term.diagnostics()["labelled"] == 0.5


def test_the_length_of_features_does_not_move_the_clusters():
    terms = [CDDSpec().build(CONTEXT) for _ in range(2)]
    rows = on_sphere(40, 4)
    for term, scale in zip(terms, (1.0, 1e12), strict=True):
        term.on_epoch_start(view(scale * np.eye(4), torch.arange(4), scale * rows))
    assert torch.equal(terms[0].labels, terms[1].labels)
    assert (terms[0].labels != NONE).any()


def test_before_the_first_epoch_it_is_0(make_batch):
    batch = make_batch(8, 8)
    assert CDDSpec().build(CONTEXT)(replace(batch, progress=0.0)).item() == 0
