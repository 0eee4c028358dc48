from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from sklearn.metrics import log_loss

from dakit.builtin.transfer.dann import DANNSpec
from dakit.builtin.transfer.pada import PADASpec
from dakit.contracts import BuildContext, EpochView

CONTEXT = BuildContext(seed=3, feature_dim=5, num_classes=3)
OPTIONS = {"hidden": (8,), "dropout": 0.0}


def build():
    return PADASpec(**OPTIONS).build(CONTEXT).double()


def test_classes_weigh_as_the_target_predicts_them(make_batch):
    batch, term = make_batch(m=30), build()
    term.on_epoch_start(EpochView(1, 0.0, lambda: None, lambda: batch.detached().target))
    shares = batch.target.logits.softmax(1).mean(0)
    torch.testing.assert_close(term.class_weights, (shares / shares.max()).detach())
    weights = term.source_weights(batch)
    assert weights.tolist() == [term.class_weights[c].item() for c in batch.source.labels]
    assert weights.max() == 1


def test_the_domain_loss_counts_source_rows_by_their_weights(make_batch):
    batch, term = make_batch(6, 9), build()
    plain = DANNSpec(**OPTIONS).build(CONTEXT).double()
    assert term(batch).item() == plain(batch).item()
    weights = torch.linspace(0, 1, 6).double()
    weighed = replace(batch, source=replace(batch.source, weights=weights))
    rows = torch.cat([batch.source.features, batch.target.features]).detach()
    p = term.adversary.discriminator(rows).sigmoid().detach()[:, 0].numpy()
    by_row = [*(weights / 6).tolist(), *[1 / 9] * 9]
    wanted = log_loss([1] * 6 + [0] * 9, p, sample_weight=by_row, normalize=False) / 2
    assert term(weighed).item() == pytest.approx(wanted, abs=1e-9)
