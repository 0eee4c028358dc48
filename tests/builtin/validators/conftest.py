from __future__ import annotations

import pytest
import torch

from dakit.contracts import BuildContext, ValidationView, View


def _make_view(n=40, m=60, classes=3, seed=0, labelled=False, scale=2.0, dtype=torch.float32):
    g = torch.Generator().manual_seed(seed)

    def logits(rows):
        return (scale * torch.randn(rows, classes, generator=g)).to(dtype)

    def features(rows, shift):
        return (torch.randn(rows, 4, generator=f) + shift).to(dtype)

    f = torch.Generator().manual_seed(seed + 100)
    source, target = logits(n), logits(m)
    inputs = [features(n, 0.0), features(m, 0.5)]
    weights = torch.randn(classes, 4, generator=f).to(dtype)
    labels = [torch.randint(classes, (rows,), generator=g) for rows in (n, m)]
    return ValidationView(
        source_features=features(n, 0.0),
        source_logits=source,
        source_labels=labels[0],
        target_features=features(m, 0.7),
        target_logits=target,
        target_labels=labels[1] if labelled else None,
        epoch=7,
        classifier=weights,
        source_train_features=features(90, 0.0),
        target_train_features=features(70, 0.7),
        source_inputs=inputs[0],
        target_inputs=inputs[1],
        network=lambda given: View(given, torch.tanh(given) @ weights.T),
    )


@pytest.fixture(scope="session")
def make_view():
    return _make_view


@pytest.fixture(scope="session")
def score():
    return lambda spec, view: spec.build(BuildContext(seed=0, num_classes=3))(view)
