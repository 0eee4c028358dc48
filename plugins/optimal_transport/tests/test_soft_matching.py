"""Soft matching against loops from the formula."""

from __future__ import annotations

import numpy as np
import ot
import pytest
import torch

from dakit.contracts import BuildContext
from dakit_optimal_transport.soft_matching import SoftMatching

CONTEXT = BuildContext(seed=1, feature_dim=5, num_classes=3)


def parts(x, y, epsilon, k):
    """The three parts by loops, Sinkhorn's rounds in the linear domain as in the paper's code."""
    n, m = len(x), len(y)
    costs = np.array([[(a - b) @ (a - b) for b in y] for a in x])
    kernel = np.exp(-costs / (epsilon * costs.mean()))
    u, v = np.ones(n), np.ones(m)
    for _ in range(50):
        u = 1 / n / (kernel @ v)
        v = 1 / m / (kernel.T @ u)
    plan = u[:, None] * kernel * v
    partners = np.array([n * sum(plan[i, j] * y[j] for j in range(m)) for i in range(n)])
    worst = sorted((min(row) for row in costs), reverse=True)[:k]
    return (plan * costs).sum(), ((x - partners) ** 2).mean(), np.mean(worst)


@pytest.mark.parametrize(("n", "m"), [(8, 8), (12, 5), (4, 9)])
@pytest.mark.parametrize(
    "options",
    [{"transport": 1, "match": 0, "worst": 0}, {"transport": 0, "match": 1, "worst": 0},
     {"transport": 0, "match": 0, "worst": 1, "k": 3}, {"epsilon": 0.3}],
)  # fmt: skip
def test_value_is_the_loops(make_batch, n, m, options):
    batch = make_batch(n, m)
    spec = SoftMatching(**{"epsilon": 0.5, **options})
    x, y = (side.features.detach().numpy() for side in (batch.source, batch.target))
    found = parts(x, y, spec.epsilon, spec.k)
    wanted = np.dot(found, (spec.transport, spec.match, spec.worst))
    assert spec.build(CONTEXT)(batch).item() == pytest.approx(wanted, rel=1e-4)


def test_gradient_is_that_of_a_constant_coupling(make_batch):
    batch = make_batch(6, 4)
    SoftMatching(match=0, worst=0, epsilon=0.5).build(CONTEXT)(batch).backward()
    x, y = batch.source.features.detach(), batch.target.features.detach()
    costs = torch.cdist(x, y).square()
    weights = [torch.full((size,), 1 / size, dtype=torch.float64) for size in (6, 4)]
    plan = ot.sinkhorn(*weights, costs, 0.5 * costs.mean())
    wanted = 0.25 * 2 * (plan.sum(1, keepdim=True) * x - plan @ y)
    torch.testing.assert_close(batch.source.features.grad, wanted, rtol=1e-4, atol=1e-6)


def test_the_worst_rows_alone_are_moved_by_the_third_part(make_batch):
    batch = make_batch(6, 6)
    with torch.no_grad():
        batch.source.features[2] += 50
    SoftMatching(transport=0, match=0, k=1).build(CONTEXT)(batch).backward()
    assert torch.nonzero(batch.source.features.grad.abs().sum(1)).tolist() == [[2]]


def test_wide_features_have_a_coupling_too(make_batch):
    near, wide = make_batch(8, 8), make_batch(8, 8)
    with torch.no_grad():
        for side in (wide.source, wide.target):
            side.features.mul_(1e6)
    term = SoftMatching().build(CONTEXT)
    assert term(wide).item() == pytest.approx(1e12 * term(near).item(), rel=1e-3)
