from __future__ import annotations

import numpy as np
import pytest
import torch

from dakit.builtin.regularizers.mcc import MCCSpec
from dakit.contracts import BuildContext


def build(**options):
    return MCCSpec(**options).build(BuildContext(seed=0))


def loop(logits, temperature):
    """The MCC loss of Jin et al. 2020, sum by sum."""
    z = logits / temperature
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    plain = 1 + np.exp((p * np.log(p)).sum(axis=1))
    weights = len(p) * plain / plain.sum()
    classes = range(p.shape[1])
    confusion = [
        [sum(w * row[c] * row[d] for w, row in zip(weights, p, strict=True)) for d in classes]
        for c in classes
    ]
    off = sum(confusion[c][d] / sum(confusion[c]) for c in classes for d in classes if c != d)
    return off / len(classes)


@pytest.mark.parametrize("temperature", [1.0, 2.5])
@pytest.mark.parametrize("rows", [1, 8, 13])
def test_value_is_that_of_the_paper(temperature, rows, make_batch):
    batch = make_batch(8, rows)
    value = build(temperature=temperature)(batch).item()
    assert value == pytest.approx(
        loop(batch.target.logits.detach().numpy(), temperature), abs=1e-12
    )


def test_the_weights_are_constants(make_batch):
    """The gradient is that with the weights held at their values."""
    batch = make_batch()
    build()(batch).backward()
    logits = batch.target.logits.detach().clone().requires_grad_()
    p = (logits / 2.5).softmax(1)
    plain = 1 + torch.exp(-torch.distributions.Categorical(p.detach()).entropy())
    confusion = (p * (len(p) * plain / plain.sum())[:, None]).T @ p
    shares = confusion / confusion.sum(dim=1, keepdim=True)
    ((shares.sum() - shares.trace()) / 3).backward()
    torch.testing.assert_close(batch.target.logits.grad, logits.grad)


def test_plain_predictions_are_not_confused_and_even_ones_are_most(make_batch):
    batch = make_batch(9, 9)
    with torch.no_grad():
        batch.target.logits.copy_(1e3 * torch.eye(3).repeat(3, 1))
    assert build()(batch).item() == pytest.approx(0, abs=1e-12)
    with torch.no_grad():
        batch.target.logits.zero_()
    assert build()(batch).item() == pytest.approx(2 / 3)
