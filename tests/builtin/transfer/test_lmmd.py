from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist

from dakit.builtin.transfer.lmmd import LMMDSpec
from dakit.contracts import BuildContext

FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0)
TERM = LMMDSpec().build(BuildContext(seed=0, num_classes=3))


def loop(batch):
    """The LMMD of Zhu et al. 2021, class by class and pair by pair."""
    x, y = (side.features.detach().numpy() for side in (batch.source, batch.target))
    labels, predicted = batch.source.labels.numpy(), batch.target.logits.detach().softmax(1).numpy()
    rows = np.concatenate([x, y])
    squared = cdist(rows, rows, "sqeuclidean")
    mean = squared.sum() / (len(rows) * (len(rows) - 1))
    kernel = sum(np.exp(-squared / (2 * f * mean)) for f in FACTORS)
    per_class = []
    for c in sorted(set(labels)):
        weights = np.concatenate(
            [(labels == c) / (labels == c).sum(), -predicted[:, c] / predicted[:, c].sum()]
        )
        per_class.append(
            sum(a * b * kernel[i, j] for i, a in enumerate(weights) for j, b in enumerate(weights))
        )
    return np.mean(per_class)


@pytest.mark.parametrize(("n", "m"), [(8, 8), (12, 5), (3, 9)])
def test_value_is_that_of_the_paper(n, m, make_batch):
    batch = make_batch(n, m)
    assert TERM(batch).item() == pytest.approx(loop(batch), rel=1e-9)


def test_a_class_without_source_rows_is_left_out(make_batch):
    batch = make_batch(labels=torch.tensor([0, 2] * 4))
    assert TERM(batch).item() == pytest.approx(loop(batch), rel=1e-9)


def test_the_pseudo_labels_are_constants(make_batch):
    batch = make_batch()
    TERM(batch).backward()
    assert batch.target.logits.grad is None
    assert batch.target.features.grad.abs().max() > 0


def test_it_sees_classes_that_changed_places(make_batch):
    """MMD as a whole is 0 there: both domains have the same rows."""
    rows = torch.tensor([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0]], dtype=torch.float64).repeat(3, 1)
    batch = make_batch(9, 9, source=rows, target=rows)
    with torch.no_grad():
        plain = 20.0 * torch.eye(3, dtype=torch.float64)
        batch.target.logits.copy_(plain.repeat(3, 1))
    right = TERM(batch).item()
    with torch.no_grad():
        batch.target.logits.copy_(plain.roll(1, 0).repeat(3, 1))
    assert right == pytest.approx(0, abs=1e-6)
    assert TERM(batch).item() > 1
