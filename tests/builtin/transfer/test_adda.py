"""ADDA: two losses with inverted labels, each of which teaches its own side."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dakit.builtin.transfer.adda import ADDASpec
from dakit.contracts import BuildContext, EpochView

CONTEXT = BuildContext(seed=0, feature_dim=5, num_classes=3, source_size=8)


def log_sigmoid(x):
    return -np.log1p(np.exp(-x))


@pytest.fixture
def term(make_batch):
    made, batch = ADDASpec(hidden=(4,)).build(CONTEXT).double(), make_batch(8, seed=3)
    with torch.no_grad():
        made.on_epoch_start(EpochView(1, 0.0, lambda: batch.source, lambda: batch.target))
    assert torch.equal(made.kept, batch.source.features)
    return made


def logits(term, rows):
    """The discriminator by hand: a layer, ReLU, a layer."""
    first, last = (each for each in term.discriminator if isinstance(each, torch.nn.Linear))
    one, other = (layer.weight.detach().numpy() for layer in (first, last))
    hidden = np.maximum(rows @ one.T + first.bias.detach().numpy(), 0)
    return (hidden @ other.T + last.bias.detach().numpy())[:, 0]


def test_both_losses_are_those_of_the_paper(make_batch, term):
    batch = make_batch(6, 9, seed=1)
    found = logits(term, batch.target.features.detach().numpy())
    assert term(batch).item() == pytest.approx(-log_sigmoid(found).mean(), rel=1e-9)
    kept = logits(term, term.kept.numpy()[:6])
    wanted = -0.5 * (log_sigmoid(kept).mean() + log_sigmoid(-found).mean())
    assert term.phase_loss("discriminator", batch.detached()).item() == pytest.approx(wanted)


def test_each_loss_teaches_its_own_side(make_batch, term):
    batch = make_batch(6, 9, seed=1)
    term(batch).backward()
    assert batch.target.features.grad.abs().sum() > 0
    assert batch.source.features.grad is None
    assert all(p.grad is None for p in term.discriminator.parameters())
    term.phase_loss("discriminator", batch.detached()).backward()
    assert all(p.grad is not None for p in term.discriminator.parameters())


def test_the_features_of_the_source_encoder_are_kept_once(make_batch, term):
    before, other = term.kept.clone(), make_batch(8, seed=5)
    term.on_epoch_start(EpochView(2, 0.5, lambda: other.source, lambda: other.target))
    assert torch.equal(term.kept, before)
