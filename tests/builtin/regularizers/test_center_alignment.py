from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.neighbors import NearestCentroid

from dakit.builtin.regularizers.center_alignment import CenterAlignmentSpec
from dakit.contracts import BuildContext

CONTEXT = BuildContext(seed=0, num_classes=3)


def build(**options):
    return CenterAlignmentSpec(**options).build(CONTEXT)


def loop(batch, threshold):
    """Class by class, as the docstring has it."""
    x, y = (side.features.detach().numpy() for side in (batch.source, batch.target))
    labels = batch.source.labels.numpy()
    q = batch.target.logits.detach().softmax(1).numpy()
    found = []
    for k in range(3):
        chosen = [j for j in range(len(y)) if q[j].argmax() == k and q[j].max() >= threshold]
        if chosen and (labels == k).any():
            gap = x[labels == k].mean(0) - np.mean([y[j] for j in chosen], axis=0)
            found.append(gap @ gap)
    return np.mean(found or [0])


@pytest.mark.parametrize("threshold", [0.0, 0.5, 0.6])
@pytest.mark.parametrize(("n", "m"), [(8, 8), (12, 5), (7, 30)])
def test_value_is_the_loops(n, m, threshold, make_batch):
    batch = make_batch(n, m)
    assert build(threshold=threshold)(batch).item() == pytest.approx(loop(batch, threshold))


def test_centres_are_scikit_learns(make_batch):
    batch = make_batch(30, 30)
    labels = batch.target.logits.argmax(1).numpy()
    centres = [
        NearestCentroid().fit(side.features.detach().numpy(), of).centroids_
        for side, of in ((batch.source, batch.source.labels.numpy()), (batch.target, labels))
    ]
    wanted = ((centres[0] - centres[1]) ** 2).sum(1).mean()
    assert build(threshold=0)(batch).item() == pytest.approx(wanted)


def test_the_predictions_are_constants(make_batch):
    batch = make_batch()
    build(threshold=0)(batch).backward()
    assert batch.target.logits.grad is None
    assert batch.target.features.grad.abs().max() > 0


def test_0_where_no_row_is_plain(make_batch):
    batch = make_batch()
    with torch.no_grad():
        batch.target.logits.zero_()
    loss = build()(batch)
    loss.backward()
    assert loss.item() == 0
    assert batch.source.features.grad.abs().max() == 0
