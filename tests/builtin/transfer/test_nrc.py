"""NRC, beside a loop of the paper in numpy."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dakit.builtin.transfer.nrc import NRCSpec
from dakit.contracts import BuildContext, EpochView


def context(rows):
    return BuildContext(seed=0, feature_dim=5, num_classes=3, target_size=rows)


def unit(row):
    return row / np.linalg.norm(row)


def softmax(logits):
    powers = np.exp(logits - logits.max())
    return powers / powers.sum()


def nearest(row, own, memory, count):
    """The rows of the memory at the least angle, without the row itself."""
    others = [k for k in range(len(memory)) if k != own]
    return sorted(others, key=lambda k: -(row @ memory[k]))[:count]


def loop(logits, rows, memory, scores, spec):
    """The four parts of the paper's objective, row by row; the memory has no gradient."""
    predicted = [softmax(row) for row in logits]
    near_sum = far_sum = own_sum = 0.0
    for i, p in zip(rows, predicted, strict=True):
        for k in nearest(memory[i], i, memory, spec.neighbours):
            theirs = nearest(memory[k], k, memory, spec.expanded)
            affinity = 1.0 if i in theirs else spec.affinity
            near_sum -= affinity * scores[k] @ p
            far_sum -= sum(spec.affinity * scores[m] @ p for m in theirs)
        own_sum -= scores[i] @ p
    mean = np.mean(predicted, axis=0)
    divergence = sum(q * np.log(q) for q in mean)
    return (near_sum + far_sum + own_sum) / len(rows) + spec.diversity * divergence


def filled(spec, make_batch, rows=20):
    term = spec.build(context(rows)).double()
    whole = make_batch(m=rows, seed=4)
    view = EpochView(1, 0.0, lambda: pytest.fail("no source"), lambda: whole.target)
    with torch.no_grad():
        term.on_epoch_start(view)
    memory = np.array([unit(row) for row in whole.target.features.detach().numpy()])
    scores = np.array([softmax(row) for row in whole.target.logits.detach().numpy()])
    return term, memory, scores


@pytest.mark.parametrize(
    "spec",
    [NRCSpec(), NRCSpec(neighbours=5, expanded=5), NRCSpec(affinity=0.5, diversity=0.0)],
)
def test_value_and_gradient_are_those_of_the_paper(make_batch, spec):
    term, memory, scores = filled(spec, make_batch)
    batch = make_batch(m=6, seed=9)
    value, given = term(batch), batch.target.logits.detach().numpy()
    rows = batch.target.indices.tolist()
    memory[rows] = [unit(row) for row in batch.target.features.detach().numpy()]
    scores[rows] = [softmax(row) for row in given]
    assert value.item() == pytest.approx(loop(given, rows, memory, scores, spec), rel=1e-6)
    np.testing.assert_allclose(term.directions.numpy(), memory, rtol=1e-12)
    np.testing.assert_allclose(term.predictions.numpy(), scores, rtol=1e-12)
    (gradient,) = torch.autograd.grad(value, batch.target.logits)
    for row, column in [(0, 0), (2, 1), (5, 2)]:
        moved = [given.copy(), given.copy()]
        moved[0][row, column] += 1e-5
        moved[1][row, column] -= 1e-5
        above, below = (loop(each, rows, memory, scores, spec) for each in moved)
        assert gradient[row, column].item() == pytest.approx((above - below) / 2e-5, abs=1e-7)
    with pytest.raises(RuntimeError, match="not have been used"):
        torch.autograd.grad(term(batch), batch.target.features)


def test_the_memory_is_filled_once_and_renewed_by_batches_in_training(make_batch):
    term, memory, _ = filled(NRCSpec(), make_batch)
    other = make_batch(m=20, seed=5)
    term.on_epoch_start(EpochView(2, 0.5, lambda: other.source, lambda: other.target))
    np.testing.assert_allclose(term.directions.numpy(), memory)
    term.eval()
    term(make_batch(m=6))
    np.testing.assert_allclose(term.directions.numpy(), memory)
    term.train()
    term(make_batch(m=6))
    assert not np.allclose(term.directions.numpy()[:6], memory[:6])
    np.testing.assert_allclose(term.directions.numpy()[6:], memory[6:])


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_a_memory_smaller_than_the_neighbourhood_is_finite(make_batch, rows):
    term, _, _ = filled(NRCSpec(), make_batch, rows)
    batch = make_batch(m=rows)
    value = term(batch)
    value.backward()
    assert value.isfinite()
    assert batch.target.logits.grad.isfinite().all()
