from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from dakit.builtin.regularizers.pseudo_labels import PseudoLabelsSpec
from dakit.builtin.regularizers.pseudo_labels_loss import centroid_labels
from dakit.contracts import BuildContext, EpochView, TargetSide


def cosine(a, b):
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


def loop(features, logits):
    """Liang et al. 2020, eqs. 5 and 6, row by row."""
    rows, classes = logits.shape
    soft = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    centres = {
        k: sum(soft[j, k] * features[j] for j in range(rows)) / sum(soft[:, k])
        for k in range(classes)
    }
    for last in (False, True):
        labels = [max(centres, key=lambda k, j=j: cosine(features[j], centres[k]))
                  for j in range(rows)]  # fmt: skip
        if last:
            return labels
        centres = {
            k: np.mean([features[j] for j in range(rows) if labels[j] == k], axis=0)
            for k in sorted(set(labels))
        }
    return None


def drawn(rows=40, dim=4, classes=5, seed=0):
    random = np.random.default_rng(seed)
    return random.normal(size=(rows, dim)), 2 * random.normal(size=(rows, classes))


@pytest.mark.parametrize("seed", range(5))
def test_labels_are_those_of_the_two_rounds_of_the_paper(seed):
    features, logits = drawn(seed=seed)
    found = centroid_labels(torch.from_numpy(features), torch.from_numpy(logits))
    assert found.tolist() == loop(features, logits)


def view(features, logits):
    side = TargetSide(torch.from_numpy(features), torch.from_numpy(logits))
    return EpochView(1, 0.0, lambda: pytest.fail("the source is not needed"), lambda: side)


def test_each_epoch_renews_the_labels_and_the_batch_is_held_to_them(make_batch):
    term = PseudoLabelsSpec().build(BuildContext(seed=0, target_size=40))
    batch = make_batch(m=6, classes=5)
    assert term(batch).item() == 0
    assert term.diagnostics()["labelled"] == 0
    for seed in (1, 2):
        features, logits = drawn(seed=seed)
        term.on_epoch_start(view(features, logits))
        labels = torch.tensor(loop(features, logits))[batch.target.indices]
        wanted = functional.cross_entropy(batch.target.logits, labels)
        torch.testing.assert_close(term(batch), wanted)
    (gradient,) = torch.autograd.grad(term(batch), batch.target.logits)
    hot = functional.one_hot(labels, 5)
    torch.testing.assert_close(gradient, (batch.target.logits.softmax(1) - hot) / 6)
    assert term.diagnostics()["labelled"] == 1


def test_labels_are_saved_with_the_term():
    term, fresh = (PseudoLabelsSpec().build(BuildContext(seed=0, target_size=40)) for _ in "ab")
    term.on_epoch_start(view(*drawn()))
    fresh.load_state_dict(term.state_dict())
    assert torch.equal(term.labels, fresh.labels)
