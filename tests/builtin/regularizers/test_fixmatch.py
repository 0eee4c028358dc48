from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from dakit.builtin.regularizers.consistency import ConsistencySpec
from dakit.builtin.regularizers.fixmatch import FixMatchSpec
from dakit.contracts import BuildContext

CONTEXT = BuildContext(seed=0)


def softmax(row):
    return np.exp(row - row.max()) / np.exp(row - row.max()).sum()


def loop(batch, threshold, relative, source, weights):
    z, s = (v.detach().numpy() for v in (batch.target.logits, batch.target.second_view.logits))
    z_source = batch.source.logits.detach().numpy()
    r = batch.source.second_view.logits.detach().numpy()
    if relative:
        threshold *= np.mean([softmax(row).max() for row in z_source])
    total = 0.0
    for first, second in zip(z, s, strict=True):
        q = softmax(first)
        if q.max() >= threshold:
            total -= np.log(softmax(second)[q.argmax()]) / len(z)
    for row, label, weight in zip(r, batch.source.labels.tolist(), weights, strict=True):
        total -= source * weight * np.log(softmax(row)[label]) / len(r)
    return total


@pytest.mark.parametrize("threshold", [0.0, 0.6, 0.95])
@pytest.mark.parametrize("relative", [False, True])
@pytest.mark.parametrize("source", [0.0, 0.5])
@pytest.mark.parametrize("weighed", [False, True])
def test_value_is_that_of_a_loop_over_rows(threshold, relative, source, weighed, make_batch):
    batch = make_batch(9, 20)
    weights = np.linspace(0.2, 2, 9) if weighed else np.ones(9)
    if weighed:
        batch = replace(batch, source=replace(batch.source, weights=torch.from_numpy(weights)))
    spec = FixMatchSpec(threshold=threshold, relative=relative, source=source)
    wanted = loop(batch, threshold, relative, source, weights)
    assert spec.build(CONTEXT)(batch).item() == pytest.approx(wanted, abs=1e-9)


def test_without_the_source_it_is_consistency(make_batch):
    batch = make_batch(9, 20)
    terms = [FixMatchSpec(threshold=0.6, source=0.0), ConsistencySpec(threshold=0.6)]
    values = []
    for term in terms:
        batch.target.second_view.logits.grad = None
        value = term.build(CONTEXT)(batch)
        value.backward()
        values.append((value, batch.target.second_view.logits.grad))
    torch.testing.assert_close(values[0], values[1])
    assert values[0][1].any()


def test_predictions_of_the_first_views_are_constants(make_batch):
    batch = make_batch(9, 20)
    FixMatchSpec(threshold=0.5, relative=True).build(CONTEXT)(batch).backward()
    assert batch.target.logits.grad is None
    assert batch.source.logits.grad is None
    assert batch.source.second_view.logits.grad.any()
