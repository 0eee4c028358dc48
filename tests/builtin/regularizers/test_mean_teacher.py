from __future__ import annotations

import numpy as np
import pytest
import torch

from dakit.builtin.regularizers.mean_teacher import MeanTeacherSpec
from dakit.contracts import BuildContext


def build(**settings):
    return MeanTeacherSpec(**settings).build(BuildContext(seed=0))


def softmax(rows):
    powers = np.exp(rows - rows.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def loop(own, taught, threshold, balance):
    """French et al. 2018: confidence thresholding, then the class balance loss of the code."""
    rows, classes = own.shape
    apart, trusted = 0.0, 0
    for p, q in zip(own, taught, strict=True):
        if q.max() > threshold:
            trusted += 1
            apart += sum((p[c] - q[c]) ** 2 for c in range(classes)) / classes
    even, total = 1 / classes, 0.0
    for c in range(classes):
        mean = sum(own[j, c] for j in range(rows)) / rows
        total -= even * np.log(mean + 1e-6) + (1 - even) * np.log(1 - mean + 1e-6)
    return apart / rows + balance * trusted / rows * total, trusted


@pytest.mark.parametrize("threshold", [0.0, 0.42, 1.0])
@pytest.mark.parametrize("balance", [0.0, 0.5])
def test_value_is_that_of_a_loop_over_rows_and_classes(threshold, balance, make_batch):
    batch, term = make_batch(m=20), build(threshold=threshold, balance=balance)
    own = softmax(batch.target.second_view.logits.detach().numpy())
    taught = softmax(batch.teacher(batch.target.inputs).logits.double().numpy())
    wanted, trusted = loop(own, taught, threshold, balance)
    assert term(batch).item() == pytest.approx(wanted, abs=1e-6)
    assert term.diagnostics()["trusted"].item() == pytest.approx(trusted / 20)
    if threshold == 0.42:
        assert 0 < trusted < 20


def test_gradient_agrees_with_differences_and_reaches_the_second_view_alone(make_batch):
    batch, term = make_batch(m=6), build(threshold=0.0, balance=0.5)
    term(batch).backward()
    leaf = batch.target.second_view.logits
    for i in range(leaf.numel()):
        values = []
        for sign in (1, -2):
            with torch.no_grad():
                leaf.view(-1)[i] += sign * 1e-6
                values.append(term(batch).item())
        with torch.no_grad():
            leaf.view(-1)[i] += 1e-6
        difference = (values[0] - values[1]) / 2e-6
        assert leaf.grad.view(-1)[i].item() == pytest.approx(difference, abs=1e-7)
    assert batch.target.logits.grad is None
    assert batch.target.inputs.grad is None
    assert all(p.grad is None for p in batch.teacher.parameters())


def test_the_teachers_equal_is_left_alone(make_batch):
    """Where the network says what the teacher says, in equal shares, nothing pulls."""
    batch, term = make_batch(m=3), build(threshold=0.0, balance=0.0)
    with torch.no_grad():
        batch.target.second_view.logits.copy_(batch.teacher(batch.target.inputs).logits)
    value = term(batch)
    value.backward()
    assert value.item() == pytest.approx(0, abs=1e-12)
    assert batch.target.second_view.logits.grad.abs().max() < 1e-7
