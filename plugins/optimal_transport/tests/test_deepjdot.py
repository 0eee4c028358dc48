"""DeepJDOT against POT and against a linear programme from the paper's formula."""

from __future__ import annotations

import numpy as np
import ot
import pytest
import torch
from scipy.optimize import linprog

from dakit.contracts import BuildContext
from dakit_optimal_transport.deepjdot import DeepJDOT

CONTEXT = BuildContext(seed=1, feature_dim=5, num_classes=3)


def joint_costs(batch, alpha: float, label: float) -> torch.Tensor:
    """C_ij by a loop over all pairs, from eq. 6 of the paper."""
    source, target = batch.source, batch.target
    rows = []
    for x, y in zip(source.features, source.labels, strict=True):
        row = []
        for z, logits in zip(target.features, target.logits, strict=True):
            p = logits.exp() / logits.exp().sum()
            row.append(alpha * ((x - z) ** 2).sum() - label * p[y].log())
        rows.append(torch.stack(row))
    return torch.stack(rows)


@pytest.mark.parametrize(("n", "m"), [(6, 6), (7, 4), (3, 8)])
def test_equals_pot_with_gradients(make_batch, n, m):
    batch, same = make_batch(n, m), make_batch(n, m)
    value = DeepJDOT(feature_weight=0.7, label_weight=0.3).build(CONTEXT)(batch)
    weights = [torch.full((k,), 1 / k, dtype=torch.float64) for k in (n, m)]
    expected = ot.emd2(*weights, joint_costs(same, 0.7, 0.3))
    assert value.item() == pytest.approx(expected.item(), abs=1e-9)
    value.backward()
    expected.backward()
    pairs = (
        (batch.source.features, same.source.features),
        (batch.target.features, same.target.features),
        (batch.target.logits, same.target.logits),
    )
    for ours, theirs in pairs:
        torch.testing.assert_close(ours.grad, theirs.grad, rtol=0, atol=1e-9)
    assert batch.source.logits.grad is None


def test_equals_a_linear_programme(make_batch):
    batch = make_batch(4, 6)
    costs = joint_costs(batch, 0.7, 0.3).detach().numpy()
    n, m = costs.shape
    marginals = np.zeros((n + m, n * m))
    for i in range(n):
        marginals[i, i * m : (i + 1) * m] = 1
    for j in range(m):
        marginals[n + j, j::m] = 1
    sums = np.concatenate([np.full(n, 1 / n), np.full(m, 1 / m)])
    best = linprog(costs.ravel(), A_eq=marginals, b_eq=sums)
    value = DeepJDOT(feature_weight=0.7, label_weight=0.3).build(CONTEXT)(batch)
    assert value.item() == pytest.approx(best.fun, abs=1e-9)


def test_matching_labels_and_features_cost_nothing(make_batch):
    batch = make_batch(6, 6)
    with torch.no_grad():
        batch.target.features.copy_(batch.source.features.flip(0))
        batch.target.logits.zero_()
        batch.target.logits[torch.arange(6), batch.source.labels.flip(0)] = 50.0
    assert DeepJDOT().build(CONTEXT)(batch).item() == pytest.approx(0.0, abs=1e-9)


def test_labels_decide_between_partners_at_the_same_distance(make_batch):
    batch = make_batch(2, 2)
    with torch.no_grad():
        batch.source.features.zero_()
        batch.target.features.zero_()
        batch.target.logits.copy_(torch.tensor([[0.0, 9.0, 0.0], [9.0, 0.0, 0.0]]))
    value = DeepJDOT(feature_weight=1, label_weight=1).build(CONTEXT)(batch)
    # labels 0 and 1: the crossed coupling is nearly free, the straight one costs about 9
    assert value.item() == pytest.approx(float(np.log(1 + 2 * np.exp(-9))), rel=1e-6)
