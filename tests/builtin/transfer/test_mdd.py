from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from dakit.builtin.transfer.mdd import MDDSpec
from dakit.builtin.transfer.mdd_loss import log_others
from dakit.contracts import BuildContext

CONTEXT = BuildContext(seed=3, feature_dim=5, num_classes=3)


def build(**options):
    return MDDSpec(**options).build(CONTEXT).double()


def test_value_is_that_of_a_loop_over_the_rows(make_batch):
    batch, term = make_batch(6, 9), build(gamma=3.0)

    def shares(side):
        p = term.head(side.features).softmax(1).detach().numpy()
        return [p[i, c] for i, c in enumerate(side.logits.argmax(1).tolist())]

    source, target = shares(batch.source), shares(batch.target)
    wanted = -3.0 * np.mean(np.log(source)) - np.mean([np.log(1 - p) for p in target])
    assert term(batch).item() == pytest.approx(wanted, abs=1e-9)


def test_log_others_is_exact_where_the_difference_is_lost():
    logits = torch.tensor([[60.0, 0.0, 1.0], [0.0, 1.0, 2.0], [1e4, -1e4, 0.0]]).double()
    logits.requires_grad_()
    found = log_others(logits, torch.tensor([0, 1, 0]))
    z = logits.detach().numpy().astype(np.longdouble)
    wanted = [np.logaddexp(z[0, 1], z[0, 2]) - z[0, 0], np.log(1 - np.exp(1) / np.exp(z[1]).sum()),
              -1e4]  # fmt: skip
    np.testing.assert_allclose(found.detach().numpy(), np.float64(wanted), rtol=1e-12)
    found.sum().backward()
    assert logits.grad.isfinite().all()
    single = logits.detach().float().requires_grad_()
    log_others(single, torch.tensor([0, 1, 0])).sum().backward()
    assert single.grad.isfinite().all()


@pytest.mark.parametrize(
    ("options", "strength"), [({"schedule": "constant"}, 0.01), ({"schedule": "ganin"}, 0.0)]
)
def test_the_network_gets_the_reversed_gradient_and_the_head_its_own(options, strength, make_batch):
    batch, term = make_batch(4, 6, progress=0.0), build(**options)
    term(batch).backward()
    for side, factor in ((batch.source, 4.0), (batch.target, 1.0)):
        features = side.features.detach().requires_grad_()
        logits, chosen = term.head(features), side.logits.argmax(1)
        value = (
            factor * functional.cross_entropy(logits, chosen)
            if factor == 4
            else -log_others(logits, chosen).mean()
        )
        (plain,) = torch.autograd.grad(value, features)
        torch.testing.assert_close(side.features.grad, -strength * plain)
    assert all(p.grad.any() for p in term.parameters())
    assert batch.source.logits.grad is None


def test_the_head_is_like_the_models_and_follows_from_seed_and_purpose():
    def made(widths, classes):
        return torch.nn.Sequential(torch.nn.Linear(widths, 4), torch.nn.Linear(4, classes))

    context = BuildContext(seed=3, feature_dim=5, num_classes=3, make_head=made)
    before = torch.get_rng_state()
    heads = [context.new_head(), context.new_head(), context.new_head("another")]
    assert torch.equal(before, torch.get_rng_state())
    assert torch.equal(heads[0][0].weight, heads[1][0].weight)
    assert not torch.equal(heads[0][0].weight, heads[2][0].weight)
    assert MDDSpec().build(context).head[0].out_features == 4
