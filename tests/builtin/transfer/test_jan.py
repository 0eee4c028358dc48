from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist

from dakit.builtin.transfer.jan import JANSpec
from dakit.contracts import BuildContext

FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0)


def build(**options):
    return JANSpec(**options).build(BuildContext(seed=0))


def loop(batch, predictions=1.68):
    """The empirical JMMD of Long et al. 2017: the V-statistic with the product of both kernels."""
    features = torch.cat([batch.source.features, batch.target.features]).detach().numpy()
    logits = torch.cat([batch.source.logits, batch.target.logits]).detach()
    n, total = len(batch.source.features), len(features)
    squared = cdist(features, features, "sqeuclidean")
    mean = squared.sum() / (total * (total - 1))
    kernel = sum(np.exp(-squared / (2 * f * mean)) for f in FACTORS)
    kernel = kernel * np.exp(-cdist(*[logits.softmax(1).numpy()] * 2, "sqeuclidean") / predictions)
    return kernel[:n, :n].mean() + kernel[n:, n:].mean() - 2 * kernel[:n, n:].mean()


@pytest.mark.parametrize(("n", "m"), [(8, 8), (12, 5), (3, 9)])
@pytest.mark.parametrize("predictions", [1.68, 0.3])
def test_value_is_that_of_the_paper(n, m, predictions, make_batch):
    batch = make_batch(n, m)
    value = build(predictions=predictions)(batch).item()
    assert value == pytest.approx(loop(batch, predictions), rel=1e-9)


def test_predictions_learn_too(make_batch):
    batch = make_batch()
    build()(batch).backward()
    for side in (batch.source, batch.target):
        assert side.logits.grad.abs().max() > 0
        assert side.features.grad.abs().max() > 0
