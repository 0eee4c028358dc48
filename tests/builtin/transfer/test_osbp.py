from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from dakit.builtin.transfer.osbp import OSBPSpec
from dakit.contracts import BuildContext


def build(counts=(4, 4, 0), **settings):
    context = BuildContext(seed=0, num_classes=3, class_counts=counts)
    return OSBPSpec(**settings).build(context)


def loop(logits, unknown, threshold):
    total = 0.0
    for row in logits:
        p = np.exp(row - row.max())
        u = p[unknown].sum() / p.sum()
        total -= threshold * np.log(u) + (1 - threshold) * np.log(1 - u)
    return total / len(logits)


@pytest.mark.parametrize("threshold", [0.5, 0.2])
@pytest.mark.parametrize(
    ("counts", "unknown"), [((4, 4, 0), [2]), ((4, 0, 0), [1, 2]), ((3, 0, 5), [1]), ((), [2])]
)
def test_value_is_that_of_a_loop_over_the_rows(counts, unknown, threshold, make_batch):
    batch = make_batch(m=9)
    logits = batch.network.head(batch.target.features.float()).detach().double().numpy()
    wanted = loop(logits, unknown, threshold)
    assert build(counts, threshold=threshold)(batch).item() == pytest.approx(wanted, abs=1e-6)


def test_the_head_lowers_it_and_the_features_get_the_reversed_gradient(make_batch):
    batch = replace(make_batch(m=9), progress=1.0)
    strength = np.tanh(5.0)
    network = batch.network.network
    build()(batch).backward()
    to_features = batch.target.features.grad.clone()
    to_head = [p.grad.clone() for p in network.head.parameters()]
    network.zero_grad()
    plain = batch.target.features.detach().float().requires_grad_()
    log_p = network.head(plain).log_softmax(1)
    u = log_p[:, 2].exp()
    (-(0.5 * u.log() + 0.5 * (1 - u).log()).mean()).backward()
    torch.testing.assert_close(to_features.float(), -strength * plain.grad, rtol=1e-4, atol=1e-7)
    for found, parameter in zip(to_head, network.head.parameters(), strict=True):
        torch.testing.assert_close(found, parameter.grad, rtol=1e-4, atol=1e-7)
    assert batch.source.features.grad is None
    assert all(p.grad is None for p in network.backbone.parameters())


def test_it_is_least_at_the_threshold(make_batch):
    """Every row at u = 1/2: log 2, and no gradient at all."""
    batch = make_batch(m=4)
    with torch.no_grad():
        for parameter in batch.network.network.head.parameters():
            parameter.zero_()
        last = [p for p in batch.network.network.head.parameters() if p.ndim == 1][-1]
        last[2] = np.log(2)
    term = build()
    value = term(batch)
    value.backward()
    assert value.item() == pytest.approx(np.log(2))
    assert batch.target.features.grad.abs().max() < 1e-7
    assert term.diagnostics()["unknown"].item() == pytest.approx(0.5)
