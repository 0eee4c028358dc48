from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.metrics import log_loss

from dakit.builtin.transfer.daan import DAANSpec
from dakit.builtin.transfer.daan_loss import a_distance
from dakit.contracts import BuildContext, EpochView

CONTEXT = BuildContext(seed=3, feature_dim=5, num_classes=3)


def build(**options):
    options = {"hidden": (8,), "dropout": 0.0, "schedule": "constant", **options}
    return DAANSpec(**options).build(CONTEXT).double()


def arrays(side):
    features, logits = (t.detach().numpy() for t in (side.features, side.logits))
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return features, shares


def cross_entropy(discriminator, source, target):
    rows = torch.from_numpy(np.concatenate([source, target]))
    p = discriminator(rows).sigmoid().detach().numpy()[:, 0]
    weights = [1 / len(source)] * len(source) + [1 / len(target)] * len(target)
    return log_loss([1] * len(source) + [0] * len(target), p, sample_weight=weights)


@pytest.mark.parametrize("omega", [0.0, 0.3, 1.0])
def test_global_and_local_losses_in_the_shares_of_omega(omega, make_batch):
    batch, term = make_batch(6, 9), build()
    term.omega.fill_(omega)
    (xs, ps), (xt, pt) = arrays(batch.source), arrays(batch.target)
    of_all = cross_entropy(term.all, xs, xt)
    local = np.mean(
        [cross_entropy(term.of_class[c], ps[:, [c]] * xs, pt[:, [c]] * xt) for c in range(3)]
    )
    assert term(batch).item() == pytest.approx((1 - omega) * of_all + omega * local, abs=1e-9)


def test_features_and_predictions_get_the_reversed_gradient(make_batch):
    batch, term = make_batch(4, 6), build(reversal=0.5)
    term(batch).backward()
    step = 1e-6
    for leaf in (batch.target.features, batch.target.logits, batch.source.logits):
        for i in range(0, leaf.numel(), 4):
            values = []
            for sign in (1, -1):
                with torch.no_grad():
                    leaf.view(-1)[i] += sign * step
                    values.append(term(batch).item())
                    leaf.view(-1)[i] -= sign * step
            numerical = (values[0] - values[1]) / (2 * step)
            assert leaf.grad.view(-1)[i].item() == pytest.approx(-0.5 * numerical, abs=1e-8)


def view_of(batch):
    return EpochView(1, 0.5, lambda: batch.source, lambda: batch.target)


@torch.no_grad()
def test_omega_is_the_share_of_the_local_distances(make_batch):
    batch, term = make_batch(30, 40), build()
    with torch.no_grad():
        batch.target.features.add_(2.0)
    optimizer = torch.optim.Adam(term.parameters(), lr=0.02)
    with torch.enable_grad():
        for _ in range(20):
            optimizer.zero_grad()
            term(batch).backward()
            optimizer.step()
    term.on_epoch_end(view_of(batch))

    def distance(discriminator, xs, xt, ws, wt):
        wrong = (discriminator(torch.from_numpy(x))[:, 0].numpy() <= 0 for x in (xs, xt))
        source, target = wrong
        error = (np.average(source, weights=ws) + np.average(~target, weights=wt)) / 2
        return max(0.0, 2 * (1 - 2 * error))

    (xs, ps), (xt, pt) = arrays(batch.source), arrays(batch.target)
    of_all = distance(term.all, xs, xt, np.ones(30), np.ones(40))
    local = np.mean(
        [
            distance(term.of_class[c], ps[:, [c]] * xs, pt[:, [c]] * xt, ps[:, c], pt[:, c])
            for c in range(3)
        ]
    )
    assert 0.05 < local / (of_all + local) < 0.95
    assert term.omega.item() == pytest.approx(local / (of_all + local), abs=1e-6)
    assert term.diagnostics()["omega"] == term.omega
    assert term.training


def test_omega_stays_where_no_discriminator_finds_a_distance(make_batch):
    batch, term = make_batch(8, 8), build()
    with torch.no_grad():
        for parameter in term.parameters():
            parameter.zero_()
    term.on_epoch_end(view_of(batch))
    assert term.omega.item() == 0.5


def test_a_distance_is_2_where_domains_part_and_0_at_chance_and_below():
    ahead, back, ones = torch.ones(4), -torch.ones(6), torch.ones
    assert a_distance(ahead, back, ones(4), ones(6)) == 2
    assert a_distance(ahead, -back, ones(4), ones(6)) == 0
    assert a_distance(-ahead, -back, ones(4), ones(6)) == 0


def test_every_local_classifier_sees_target_rows_as_target(make_batch):
    """The fault of DeepDA's, where all but the first step called them source."""
    batch, term = make_batch(16, 16), build()
    with torch.no_grad():
        batch.target.features.add_(4.0)
    optimizer = torch.optim.Adam(term.parameters(), lr=0.05)
    for _ in range(60):
        optimizer.zero_grad()
        term(batch).backward()
        optimizer.step()
    shares = batch.target.logits.detach().softmax(1)
    for c, local in enumerate(term.of_class):
        assert (local(shares[:, [c]] * batch.target.features) < 0).double().mean() > 0.7
