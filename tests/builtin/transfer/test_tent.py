"""Tent, beside a loop in numpy; and the reset that keeps it from one class for all."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from dakit.builtin.transfer.tent import TentSpec
from dakit.contracts import BuildContext

CONTEXT = BuildContext(seed=0, feature_dim=5, num_classes=3)


def loop(logits, reliable):
    """The mean entropy of the rows below the bound, row by row."""
    entropies = []
    for row in logits:
        powers = np.exp(row - row.max())
        p = powers / powers.sum()
        entropies.append(-sum(p * np.log(p)))
    kept = [h for h in entropies if reliable == 1 or h < reliable * math.log(3)]
    return np.mean(kept) if kept else 0.0


@pytest.mark.parametrize("reliable", [1.0, 0.7, 0.01])
def test_value_and_gradient_are_those_of_a_loop(make_batch, reliable):
    batch = make_batch(m=12)
    term, given = TentSpec(reliable=reliable).build(CONTEXT), batch.target.logits.detach().numpy()
    value = term(batch)
    assert value.item() == pytest.approx(loop(given, reliable), rel=1e-6)
    (gradient,) = torch.autograd.grad(value, batch.target.logits)
    for row, column in [(0, 0), (5, 1), (11, 2)]:
        moved = [given.copy(), given.copy()]
        moved[0][row, column] += 1e-6
        moved[1][row, column] -= 1e-6
        above, below = (loop(each, reliable) for each in moved)
        assert gradient[row, column].item() == pytest.approx((above - below) / 2e-6, abs=1e-7)


def test_the_moving_average_falls_and_the_run_starts_over(make_batch):
    term, batch = TentSpec(reliable=1, reset=0.5).build(CONTEXT), make_batch(m=12)
    assert not term.starts_over()  # nothing has been seen
    with torch.no_grad():
        batch.target.logits.zero_()
        term(batch)
        assert term.average.item() == pytest.approx(math.log(3))
        batch.target.logits[:, 0] = 100
        for step in range(1, 20):
            term(batch)
            assert term.average.item() == pytest.approx(0.9**step * math.log(3), rel=1e-5)
            if term.starts_over():
                break
    assert step == math.ceil(math.log(0.5) / math.log(0.9))
    assert term.average < 0
    assert term.diagnostics()["restarts"] == 1
    assert not TentSpec(reset=0).build(CONTEXT).starts_over()
