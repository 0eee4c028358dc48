"""SHOT, beside a loop of the paper in numpy."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dakit.builtin.transfer.shot import SHOTSpec
from dakit.contracts import BuildContext, EpochView, TargetSide

CONTEXT = BuildContext(seed=0, feature_dim=5, num_classes=3, target_size=30)


def softmax(logits):
    powers = np.exp(logits - logits.max())
    return powers / powers.sum()


def cosine_distance(a, b):
    return (1 - a @ b / np.linalg.norm(a) / np.linalg.norm(b)) / 2


def pseudo_labels(features, logits):
    """Two rounds: centroids by the predictions, labels; centroids by the labels, labels."""
    predicted = [softmax(row) for row in logits]
    weights = np.array(predicted)
    for _ in range(2):
        centres = {
            k: sum(weights[j, k] * features[j] for j in range(len(features))) / weights[:, k].sum()
            for k in range(3)
            if weights[:, k].sum() > 0
        }
        labels = [
            min(centres, key=lambda k, j=j: cosine_distance(features[j], centres[k]))
            for j in range(len(features))
        ]
        weights = np.eye(3)[labels]
    return labels


def loop(logits, labels, beta, diversity):
    """The objective of the paper, row by row."""
    predicted = [softmax(row) for row in logits]
    entropy = np.mean([-sum(p * np.log(p)) for p in predicted])
    mean = np.mean(predicted, axis=0)
    divergence = sum(q * np.log(q) for q in mean)
    cross = np.mean([-np.log(p[label]) for p, label in zip(predicted, labels, strict=True)])
    return entropy + diversity * divergence + beta * cross


@pytest.mark.parametrize(("beta", "diversity"), [(0.3, 1.0), (0.1, 0.5), (0.0, 0.0)])
def test_value_and_gradient_are_those_of_the_paper(make_batch, beta, diversity):
    term = SHOTSpec(labels=beta, diversity=diversity).build(CONTEXT)
    random = np.random.default_rng(3)
    features, logits = random.normal(size=(30, 5)), 2 * random.normal(size=(30, 3))
    whole = TargetSide(torch.from_numpy(features), torch.from_numpy(logits))
    term.on_epoch_start(EpochView(1, 0.0, lambda: pytest.fail("no source"), lambda: whole))
    batch = make_batch(m=7)
    labels = np.array(pseudo_labels(features, logits))[batch.target.indices.numpy()]
    value = term(batch)
    given = batch.target.logits.detach().numpy()
    assert value.item() == pytest.approx(loop(given, labels, beta, diversity), rel=1e-6)
    (gradient,) = torch.autograd.grad(value, batch.target.logits)
    for row, column in [(0, 0), (3, 1), (6, 2)]:
        moved = [given.copy(), given.copy()]
        moved[0][row, column] += 1e-5
        moved[1][row, column] -= 1e-5
        above, below = (loop(each, labels, beta, diversity) for each in moved)
        assert gradient[row, column].item() == pytest.approx((above - below) / 2e-5, abs=1e-7)


def test_the_labels_of_an_epoch_stand_in_its_state(make_batch):
    term, fresh = SHOTSpec().build(CONTEXT), SHOTSpec().build(CONTEXT)
    batch = make_batch(30, 30)
    term.on_epoch_start(EpochView(1, 0.0, lambda: batch.source, lambda: batch.target))
    fresh.load_state_dict(term.state_dict())
    assert term(batch).item() == fresh(batch).item()
    assert term.diagnostics()["labelled"] == 1
