from __future__ import annotations

import pytest
import torch

from dakit.contracts import BuildContext, ValidationView


def _make_view(n=40, m=60, classes=3, seed=0, labelled=False, scale=2.0, dtype=torch.float32):
    g = torch.Generator().manual_seed(seed)

    def logits(rows):
        return (scale * torch.randn(rows, classes, generator=g)).to(dtype)

    source, target = logits(n), logits(m)
    labels = [torch.randint(classes, (rows,), generator=g) for rows in (n, m)]
    return ValidationView(
        source_features=torch.zeros(n, 4, dtype=dtype),
        source_logits=source,
        source_labels=labels[0],
        target_features=torch.zeros(m, 4, dtype=dtype),
        target_logits=target,
        target_labels=labels[1] if labelled else None,
    )


@pytest.fixture
def make_view():
    return _make_view


@pytest.fixture
def score():
    return lambda spec, view: spec.build(BuildContext(seed=0, num_classes=3))(view)
