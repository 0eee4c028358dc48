from __future__ import annotations

import math

import pytest
import torch
from sklearn.metrics import balanced_accuracy_score, log_loss

from dakit.builtin.transfer.dann import DANNSpec
from dakit.contracts import BuildContext

CONTEXT = BuildContext(seed=3, feature_dim=5)


def build(**options):
    return DANNSpec(**{"hidden": (16, 16), "dropout": 0.0, **options}).build(CONTEXT).double()


def outputs(term, batch):
    """Probability of source by the discriminator, and the true domains."""
    rows = torch.cat([batch.source.features, batch.target.features]).detach()
    domains = [1] * len(batch.source.features) + [0] * len(batch.target.features)
    return term.discriminator(rows).sigmoid().detach().squeeze(1).numpy(), domains


def test_size_for_the_features_of_deepmerge():
    term = DANNSpec().build(BuildContext(seed=0, feature_dim=2592))
    assert sum(p.numel() for p in term.parameters()) == 3_705_857


def test_published_initialisation():
    term = DANNSpec().build(BuildContext(seed=0, feature_dim=256))
    linears = [m for m in term.discriminator if isinstance(m, torch.nn.Linear)]
    for layer, spread in zip(linears, (0.01, 0.01, 0.3), strict=True):
        assert layer.weight.std().item() == pytest.approx(spread, rel=0.1)
        assert not layer.bias.any()
    dropouts = [m.p for m in term.discriminator if isinstance(m, torch.nn.Dropout)]
    assert dropouts == [0.5, 0.5]


def test_equal_sizes_give_the_published_mean_over_the_joint_batch(make_batch):
    batch, term = make_batch(9, 9), build()
    p, domains = outputs(term, batch)
    assert term(batch).item() == pytest.approx(log_loss(domains, p), abs=1e-9)


def test_each_domain_weighs_half(make_batch):
    batch, term = make_batch(4, 12), build()
    p, domains = outputs(term, batch)
    weights = [1 / 4] * 4 + [1 / 12] * 12
    wanted = log_loss(domains, p, sample_weight=weights)
    assert term(batch).item() == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize(
    ("options", "progress", "strength"),
    [
        ({"schedule": "constant"}, 0.0, 0.1),
        ({"schedule": "constant", "reversal": 0.25}, 0.7, 0.25),
        ({"schedule": "ganin"}, 0.0, 0.0),
        ({"schedule": "ganin", "reversal": 1.0}, 0.2, 2 / (1 + math.exp(-2)) - 1),
        ({"schedule": "ganin", "reversal": 3.0}, 0.2, 3 * (2 / (1 + math.exp(-2)) - 1)),
    ],
)
def test_features_get_the_reversed_gradient(options, progress, strength, make_batch):
    batch, term = make_batch(4, 6, progress=progress), build(**options)
    term(batch).backward()
    step = 1e-6
    for leaf in (batch.source.features, batch.target.features):
        numerical = torch.zeros_like(leaf)
        for i in range(leaf.numel()):
            values = []
            for sign in (1, -1):
                with torch.no_grad():
                    leaf.view(-1)[i] += sign * step
                    values.append(term(batch).item())
                    leaf.view(-1)[i] -= sign * step
            numerical.view(-1)[i] = (values[0] - values[1]) / (2 * step)
        assert numerical.abs().max() > 1e-6
        torch.testing.assert_close(leaf.grad, -strength * numerical, rtol=1e-5, atol=1e-9)


def test_the_discriminator_learns_at_full_strength_when_the_reversal_is_zero(make_batch):
    early, late = build(), build()
    early(make_batch(progress=0.0)).backward()
    late(make_batch(progress=1.0)).backward()
    for a, b in zip(early.parameters(), late.parameters(), strict=True):
        torch.testing.assert_close(a.grad, b.grad)
    assert any(p.grad.any() for p in early.parameters())


def test_learning_rate_multiplier():
    term = build(lr_multiplier=0.1)
    assert {term.lr_multiplier(name) for name, _ in term.named_parameters()} == {0.1}


def test_domain_accuracy_is_balanced_over_the_domains(make_batch):
    batch, term = make_batch(5, 15), build()
    assert term.diagnostics() == {}
    term(batch)
    p, domains = outputs(term, batch)
    wanted = balanced_accuracy_score(domains, p > 0.5)
    reported = term.diagnostics()["domain_accuracy"]
    assert reported.item() == pytest.approx(wanted, abs=1e-6)
    assert not reported.requires_grad


def test_a_trained_discriminator_tells_distant_domains_apart(make_batch):
    batch, term = make_batch(16, 16), build()
    with torch.no_grad():
        batch.target.features.add_(5.0)
    optimizer = torch.optim.Adam(term.parameters(), lr=0.05)
    for _ in range(30):
        optimizer.zero_grad()
        term(batch).backward()
        optimizer.step()
    assert term.diagnostics()["domain_accuracy"].item() == 1.0
