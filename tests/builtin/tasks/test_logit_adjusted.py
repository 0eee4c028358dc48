from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.metrics import log_loss

from dakit import InputError
from dakit.builtin.tasks.logit_adjusted import LogitAdjustedSpec
from dakit.contracts import BuildContext

COUNTS = (80, 15, 5)


def build(counts=COUNTS, **options):
    context = BuildContext(seed=0, num_classes=len(counts), class_counts=counts)
    return LogitAdjustedSpec(**options).build(context)


def losses(batch, tau):
    """Menon et al. 2021, row by row: log (1 + sum_{c != y} (pi_c / pi_y)^tau exp(z_c - z_y))."""
    shares = np.array(COUNTS) / sum(COUNTS)
    found = []
    for z, y in zip(batch.source.logits.detach().numpy(), batch.source.labels, strict=True):
        others = [c for c in range(3) if c != y]
        rivals = sum((shares[c] / shares[y]) ** tau * np.exp(z[c] - z[y]) for c in others)
        found.append(np.log1p(rivals))
    return np.array(found)


@pytest.mark.parametrize("tau", [0.0, 0.5, 1.0, 3.0])
def test_value_is_the_pairwise_form(tau, make_batch):
    batch = make_batch(12)
    assert build(tau=tau)(batch).item() == pytest.approx(losses(batch, tau).mean(), rel=1e-9)


def test_gradient_is_that_of_the_shifted_logits(make_batch):
    batch = make_batch(12)
    build()(batch).backward()
    shares = torch.tensor(COUNTS, dtype=torch.float64) / sum(COUNTS)
    p = (batch.source.logits.detach() + shares.log()).softmax(1)
    wanted = (p - torch.eye(3)[batch.source.labels]) / 12
    torch.testing.assert_close(batch.source.logits.grad, wanted)


def test_tau_0_is_the_cross_entropy(make_batch):
    batch = make_batch()
    predicted = batch.source.logits.detach().softmax(1).numpy()
    assert build(tau=0)(batch).item() == pytest.approx(log_loss(batch.source.labels, predicted))


def test_rows_count_by_their_weights(make_batch):
    batch = make_batch()
    weights = torch.rand(8, dtype=torch.float64)
    weighed = replace(batch, source=replace(batch.source, weights=weights))
    wanted = (weights.numpy() * losses(batch, 1.0)).mean()
    assert build()(weighed).item() == pytest.approx(wanted)


def test_where_features_say_nothing_the_best_logits_are_even(make_batch):
    """Nine rows of one class and one of the other: even logits have no gradient in sum."""
    batch = make_batch(10, classes=2, labels=torch.tensor([0] * 9 + [1]))
    with torch.no_grad():
        batch.source.logits.zero_()
    build((9, 1))(batch).backward()
    assert batch.source.logits.grad.abs().max() > 0.01
    assert batch.source.logits.grad.sum(0).abs().max() < 1e-12


def test_a_class_without_rows_counts_as_one_row(make_batch):
    batch = make_batch(labels=torch.arange(8) % 2)
    none, one = (build((60, 40, last))(batch).item() for last in (0, 1))
    assert none == one


def test_without_counts_it_is_refused():
    with pytest.raises(InputError, match="logit_adjusted: needs the class counts"):
        build(())
