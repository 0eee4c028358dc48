from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from dakit.builtin.regularizers.consistency import ConsistencySpec
from dakit.contracts import BuildContext


def build(threshold):
    return ConsistencySpec(threshold=threshold).build(BuildContext(seed=0))


def softmax(row):
    return np.exp(row - row.max()) / np.exp(row - row.max()).sum()


@pytest.mark.parametrize("threshold", [0.0, 0.5, 0.7])
def test_value_is_that_of_a_loop_over_the_images(threshold, make_batch):
    batch, term = make_batch(m=20), build(threshold)
    weak = batch.target.logits.detach().numpy()
    strong = batch.target.second_view.logits.detach().numpy()
    total, plain = 0.0, 0
    for first, second in zip(weak, strong, strict=True):
        p = softmax(first)
        if p.max() >= threshold:
            total -= np.log(softmax(second)[p.argmax()])
            plain += 1
    assert plain > 0
    assert term(batch).item() == pytest.approx(total / 20, abs=1e-12)
    assert term.diagnostics()["plain"].item() == pytest.approx(plain / 20)


def test_only_the_second_view_of_plain_images_learns(make_batch):
    batch, term = make_batch(m=20), build(0.6)
    term(batch).backward()
    shares = batch.target.logits.detach().softmax(1)
    plain = shares.max(1).values >= 0.6
    second = batch.target.second_view
    wanted = second.logits.detach().softmax(1) - functional.one_hot(shares.argmax(1), 3)
    torch.testing.assert_close(second.logits.grad, wanted * plain[:, None] / 20)
    assert 0 < plain.sum() < 20
    assert batch.target.logits.grad is None


def test_no_plain_image_is_a_zero_with_a_graph(make_batch):
    batch = make_batch()
    value = build(1.0)(batch)
    assert value.item() == 0
    value.backward()
    assert not batch.target.second_view.logits.grad.any()
