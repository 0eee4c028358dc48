from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from sklearn.metrics import log_loss

from dakit.builtin.tasks.cross_entropy import CrossEntropySpec
from dakit.builtin.tasks.focal import FocalSpec
from dakit.contracts import BuildContext


def build(**options):
    return FocalSpec(**options).build(BuildContext(seed=0, num_classes=3))


def losses(batch, gamma):
    """The focal loss of Lin et al. 2017 of each row."""
    predicted = batch.source.logits.detach().softmax(1)
    p = predicted[torch.arange(len(predicted)), batch.source.labels]
    return -((1 - p) ** gamma) * p.log()


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0, 5.0])
def test_value_is_that_of_the_paper(gamma, make_batch):
    batch = make_batch()
    assert build(gamma=gamma)(batch).item() == pytest.approx(losses(batch, gamma).mean().item())


def test_gamma_0_is_the_cross_entropy(make_batch):
    batch = make_batch()
    predicted = batch.source.logits.detach().softmax(1).numpy()
    assert build(gamma=0)(batch).item() == pytest.approx(log_loss(batch.source.labels, predicted))


def test_balanced_weights_with_gamma_0_are_those_of_the_cross_entropy(make_batch):
    batch = make_batch(20)
    context = BuildContext(seed=0, num_classes=3, class_counts=(3, 12, 5))
    options = {"class_weights": "balanced"}
    value = FocalSpec(gamma=0, **options).build(context)(batch).item()
    assert value == pytest.approx(CrossEntropySpec(**options).build(context)(batch).item())


def test_class_weights_multiply_each_row_and_divide_the_sum(make_batch):
    batch = make_batch(20)
    weights = torch.tensor([0.5, 1.0, 4.0], dtype=torch.float64)
    of_rows = weights[batch.source.labels]
    wanted = (of_rows * losses(batch, 2.0)).sum() / of_rows.sum()
    assert build(class_weights=(0.5, 1, 4))(batch).item() == pytest.approx(wanted.item())


def test_rows_count_by_their_weights(make_batch):
    batch = make_batch()
    weights = torch.rand(8, dtype=torch.float64)
    weighed = replace(batch, source=replace(batch.source, weights=weights))
    assert build()(weighed).item() == pytest.approx((weights * losses(batch, 2.0)).mean().item())


def test_a_row_that_is_learned_for_good_has_no_gradient_and_no_nan(make_batch):
    batch = make_batch()
    with torch.no_grad():
        batch.source.logits.copy_(1e3 * torch.eye(3)[batch.source.labels])
    loss = build(gamma=0.5)(batch)
    loss.backward()
    assert loss.item() == 0
    assert batch.source.logits.grad.abs().max() == 0
