from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.metrics import log_loss
from sklearn.utils.class_weight import compute_class_weight

from dakit import InputError
from dakit.builtin.tasks.cross_entropy import CrossEntropySpec
from dakit.builtin.tasks.cross_entropy_loss import balanced_weights
from dakit.contracts import BuildContext

CONTEXT = BuildContext(seed=0, num_classes=3)


def probabilities(batch):
    return batch.source.logits.detach().softmax(1).numpy(), batch.source.labels.numpy()


def test_agrees_with_sklearn(make_batch):
    batch = make_batch(20)
    p, labels = probabilities(batch)
    value = CrossEntropySpec().build(CONTEXT)(batch).item()
    assert value == pytest.approx(log_loss(labels, p), abs=1e-9)


@pytest.mark.parametrize("class_weights", [None, (0.5, 1.0, 4.0)])
def test_rows_count_by_their_weights(make_batch, class_weights):
    batch = make_batch(20)
    p, labels = probabilities(batch)
    weights = np.linspace(0, 2, 20)
    weighed = replace(batch, source=replace(batch.source, weights=torch.from_numpy(weights)))
    value = CrossEntropySpec(class_weights=class_weights).build(CONTEXT)(weighed).item()
    by_class = np.ones(3) if class_weights is None else np.array(class_weights)
    rows = -np.log(p[np.arange(20), labels]) * by_class[labels]
    assert value == pytest.approx((weights * rows).sum() / by_class[labels].sum(), abs=1e-7)


def test_class_weights_agree_with_sklearn(make_batch):
    batch = make_batch(20)
    p, labels = probabilities(batch)
    weights = np.array([0.5, 1.0, 4.0])
    value = CrossEntropySpec(class_weights=tuple(weights)).build(CONTEXT)(batch).item()
    assert value == pytest.approx(log_loss(labels, p, sample_weight=weights[labels]), abs=1e-9)


def test_label_smoothing_and_weights_follow_the_formula(make_batch):
    batch = make_batch(20)
    p, labels = probabilities(batch)
    w, e = np.array([0.5, 1.0, 4.0]), 0.2
    total = sum(
        -(1 - e) * w[y] * np.log(row[y]) - e / 3 * sum(w[c] * np.log(row[c]) for c in range(3))
        for row, y in zip(p, labels, strict=True)
    )
    value = CrossEntropySpec(class_weights=tuple(w), label_smoothing=e).build(CONTEXT)(batch)
    assert value.item() == pytest.approx(total / w[labels].sum(), abs=1e-9)


def test_wrong_number_of_class_weights():
    with pytest.raises(InputError, match=r"2 values.*3\s+classes"):
        CrossEntropySpec(class_weights=(1, 2)).build(CONTEXT)


def test_weights_are_no_state():
    assert CrossEntropySpec(class_weights=(1, 2, 3)).build(CONTEXT).state_dict() == {}


def test_balanced_weights_are_scikit_learns(make_batch):
    counts = (3, 12, 5)
    labels = np.repeat([0, 1, 2], counts)
    weights = compute_class_weight("balanced", classes=np.arange(3), y=labels)
    assert balanced_weights(counts) == pytest.approx(weights)
    batch = make_batch(20)
    context = BuildContext(seed=0, num_classes=3, class_counts=counts)
    balanced = CrossEntropySpec(class_weights="balanced").build(context)(batch)
    listed = CrossEntropySpec(class_weights=tuple(weights)).build(CONTEXT)(batch)
    assert balanced.item() == pytest.approx(listed.item(), rel=1e-6)


def test_a_class_without_images_has_no_weight_and_without_counts_there_is_none():
    assert balanced_weights((4, 0)) == (0.5, 0.0)
    with pytest.raises(InputError, match="not known"):
        CrossEntropySpec(class_weights="balanced").build(CONTEXT)
