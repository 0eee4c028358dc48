from __future__ import annotations

import numpy as np
import pytest
import torch

from dakit.builtin.regularizers.bnm import BNMSpec
from dakit.contracts import BuildContext

TERM = BNMSpec().build(BuildContext(seed=0))


@pytest.mark.parametrize("rows", [1, 2, 24])
def test_value_is_the_nuclear_norm_over_the_batch(rows, make_batch):
    batch = make_batch(8, rows)
    predicted = batch.target.logits.detach().softmax(1).numpy()
    wanted = -np.linalg.norm(predicted, "nuc") / rows
    assert TERM(batch).item() == pytest.approx(wanted, rel=1e-12)


def test_gradient_agrees_with_differences(make_batch):
    batch = make_batch(4, 6)
    TERM(batch).backward()
    leaf = batch.target.logits
    for i in range(leaf.numel()):
        values = []
        for sign in (1, -1):
            with torch.no_grad():
                leaf.view(-1)[i] += sign * 1e-6
                values.append(TERM(batch).item())
                leaf.view(-1)[i] -= sign * 1e-6
        slope = (values[0] - values[1]) / 2e-6
        assert leaf.grad.view(-1)[i].item() == pytest.approx(slope, abs=1e-7)


def test_one_class_for_all_is_worse_than_all_classes(make_batch):
    batch, values = make_batch(9, 9), []
    for plain in (torch.eye(3)[[0] * 9], torch.eye(3).repeat(3, 1)):
        with torch.no_grad():
            batch.target.logits.copy_(50 * plain)
        values.append(TERM(batch).item())
    assert values == pytest.approx([-3 / 9, -3 * 3**0.5 / 9])
