from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
import torch

from dakit.builtin.transfer.mfsan import MFSANSpec
from dakit.contracts import BuildContext

FACTORS = (0.5, 1.0, 2.0)


def build(sources=3):
    context = BuildContext(seed=0, feature_dim=5, num_classes=3, num_source_domains=sources)
    return MFSANSpec(width=4, factors=FACTORS).build(context).double()


def branch(part, features):
    w, b = (p.detach().numpy() for p in part.space[0].parameters())
    rows = np.maximum(features @ w.T + b, 0)
    w, b = (p.detach().numpy() for p in part.classifier.parameters())
    logits = rows @ w.T + b
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return rows, powers / powers.sum(1, keepdims=True)


def bandwidth(x, y):
    rows = np.concatenate([x, y])
    pairs = combinations(range(len(rows)), 2)
    return np.mean([((rows[i] - rows[j]) ** 2).sum() for i, j in pairs])


def mmd(x, y, scale):
    """Gretton et al. 2012, eq. 5, pair by pair."""

    def kernel(a, b):
        d = ((a - b) ** 2).sum()
        return np.mean([np.exp(-d / (2 * f * scale)) for f in FACTORS])

    def mean(one, other):
        return np.mean([[kernel(a, b) for b in other] for a in one])

    return mean(x, x) + mean(y, y) - 2 * mean(x, y)


def loop(term, batch, scales=None):
    """The value, and the bandwidths that it took where none are given."""
    scales = {} if scales is None else scales
    features, target = (s.features.detach().numpy() for s in (batch.source, batch.target))
    domains, labels = batch.source.domains.numpy(), batch.source.labels.numpy()
    learned, aligned, said = [], [], []
    for number, part in enumerate(term.mean.branches):
        rows, p = branch(part, features[domains == number])
        of_target, q = branch(part, target)
        said.append(q)
        if len(rows):
            own = labels[domains == number]
            learned.append(-np.mean([np.log(p[i, y]) for i, y in enumerate(own)]))
            scale = scales.setdefault(number, bandwidth(rows, of_target))
            aligned.append(mmd(rows, of_target, scale))
    apart = [np.abs(a - b).mean() for a, b in combinations(said, 2)]
    strength = 2 / (1 + math.exp(-10 * batch.progress)) - 1
    return np.mean(learned) + strength * (np.mean(aligned) + np.mean(apart))


@pytest.mark.parametrize("domains", [[0, 1, 2, 0, 1, 2, 2], [0, 0, 2, 2, 2, 2, 2]])
@pytest.mark.parametrize("progress", [0.0, 0.2, 1.0])
def test_value_is_that_of_a_loop_over_domains(domains, progress, make_batch):
    batch = make_batch(7, 6, domains=torch.tensor(domains), progress=progress)
    term = build()
    assert term(batch).item() == pytest.approx(loop(term, batch), abs=1e-8)


def test_gradient_agrees_with_differences(make_batch):
    batch, term = make_batch(6, 5), build(2)
    term(batch).backward()
    scales = {}  # constants of the loss, whose own change is left out of the gradient
    loop(term, batch, scales)
    leaf, step = batch.target.features, 1e-6
    for i in range(0, leaf.numel(), 4):
        values = []
        for moved in (step, -2 * step):
            with torch.no_grad():
                leaf.view(-1)[i] += moved
            values.append(loop(term, batch, scales))
        with torch.no_grad():
            leaf.view(-1)[i] += step
        difference = (values[0] - values[1]) / (2 * step)
        assert leaf.grad.view(-1)[i].item() == pytest.approx(difference, abs=1e-7)


def test_the_mean_of_the_classifiers_predicts(make_batch):
    term, features = build(), make_batch().target.features
    wanted = np.mean([branch(p, features.detach().numpy())[1] for p in term.mean.branches], axis=0)
    found = term.predictor()(features).softmax(1).detach().numpy()
    np.testing.assert_allclose(found, wanted, atol=1e-12)
