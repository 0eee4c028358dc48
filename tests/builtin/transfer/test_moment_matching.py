from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import torch

from dakit.builtin.transfer.moment_matching import MomentMatchingSpec
from dakit.contracts import BuildContext


def build(moments=2, sources=3):
    context = BuildContext(seed=0, num_source_domains=sources)
    return MomentMatchingSpec(moments=moments).build(context)


def loop(batch, moments):
    """Peng et al. 2019, eq. 1, for the domains that are in the batch."""
    source, target = batch.source.features.detach().numpy(), batch.target.features.detach().numpy()
    which = batch.source.domains.numpy()
    total = 0.0
    for k in range(1, moments + 1):
        means = [np.mean([row**k for row in source[which == d]], axis=0) for d in set(which)]
        goal = np.mean([row**k for row in target], axis=0)
        total += sum(np.linalg.norm(mean - goal) for mean in means) / len(means)
        pairs = list(combinations(means, 2))
        total += sum(np.linalg.norm(a - b) for a, b in pairs) / max(1, len(pairs))
    return total


@pytest.mark.parametrize("moments", [1, 2, 4])
@pytest.mark.parametrize("domains", [[0, 1, 2, 0, 1, 2, 2], [0, 0, 2, 2, 2, 2, 2], [1] * 7])
def test_value_is_equation_1(moments, domains, make_batch):
    batch = make_batch(7, 9, domains=torch.tensor(domains))
    assert build(moments)(batch).item() == pytest.approx(loop(batch, moments), abs=1e-9)


@pytest.mark.parametrize("scale", [1e-12, 1e-5, 1e5, 1e12, 1e15])
def test_it_scales_with_the_features_in_float32(scale, make_batch):
    """Both moments are what float64 says, where the squares of float32 would be 0 or infinite."""
    exact = make_batch(7, 9)
    rows = [(scale * side.features).detach() for side in (exact.source, exact.target)]
    expected = build(2, sources=2)(make_batch(source=rows[0], target=rows[1]))
    single = make_batch(source=rows[0].float(), target=rows[1].float(), dtype=torch.float32)
    value = build(2, sources=2)(single)
    value.backward()
    assert value.item() == pytest.approx(expected.item(), rel=1e-5)
    assert single.target.features.grad.abs().max() > 0


def test_gradient_agrees_with_differences(make_batch):
    batch, term = make_batch(6, 5), build(sources=2)
    term(batch).backward()
    for leaf in (batch.source.features, batch.target.features):
        for i in range(0, leaf.numel(), 3):
            values = []
            for sign in (1, -1):
                with torch.no_grad():
                    leaf.view(-1)[i] += sign * 1e-6
                    values.append(term(batch).item())
                    leaf.view(-1)[i] -= sign * 1e-6
            difference = (values[0] - values[1]) / 2e-6
            assert leaf.grad.view(-1)[i].item() == pytest.approx(difference, abs=1e-7)
