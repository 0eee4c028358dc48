"""Losses with a classifier of their own are those of other libraries."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from dakit.builtin.transfer.cdan import CDANSpec
from dakit.builtin.transfer.dann import DANNSpec
from dakit.builtin.transfer.mcd import MCDSpec
from dakit.builtin.transfer.mdd import MDDSpec
from dakit.contracts import ganin_strength, reverse_gradient
from tests.oracles.conftest import CONTEXT, assert_agree, make_batch

PLAIN = {"hidden": (16,), "dropout": 0.0, "schedule": "constant", "reversal": 0.3}


def with_strength(loss, strength):
    """Set a reversal of dalib, which counts its forward calls, to a constant strength."""
    loss.grl.auto_step, loss.grl.lo, loss.grl.hi = False, strength, strength
    return loss


@pytest.mark.parametrize("library", ["pytorch_adapt", "skada"])
def test_the_gradient_is_reversed_as_by(library, oracle):
    weights = torch.arange(4.0)
    strength = 0.7
    if library == "skada":
        function = oracle("skada.deep.modules").GradientReversalLayer

        def layer(rows):
            return function.apply(rows, strength)

    else:
        layer = oracle("pytorch_adapt.layers").GradientReversal(strength)
    mine, its = (torch.ones(4, requires_grad=True) for _ in range(2))
    (reverse_gradient(mine, strength) * weights).sum().backward()
    (layer(its) * weights).sum().backward()
    torch.testing.assert_close(mine.grad, its.grad)
    torch.testing.assert_close(mine.grad, -strength * weights)


@pytest.mark.parametrize("progress", [0.0, 0.2, 1.0])
def test_the_ganin_schedule_is_that_of_dalib_where_its_steps_are_those_of_the_training(
    progress, oracle
):
    layer = oracle("dalib.modules.grl").WarmStartGradientReverseLayer(alpha=10.0, max_iters=1000)
    layer.iter_num = 1000 * progress
    rows = torch.ones(3, requires_grad=True)
    layer(rows).sum().backward()
    assert -rows.grad[0].item() == pytest.approx(ganin_strength(progress), rel=1e-6)


def test_dann_is_that_of_dalib(oracle):
    batch = make_batch(8, 8)  # dalib splits the rows in the middle
    term = DANNSpec(**PLAIN).build(CONTEXT).double()
    judge = nn.Sequential(term.discriminator, nn.Sigmoid())
    loss = oracle("dalib.adaptation.dann").DomainAdversarialLoss(judge).double()
    loss.bce = nn.BCELoss()
    wanted = with_strength(loss, 0.3)
    torch.set_default_dtype(torch.float64)  # its domain labels are of the default type
    try:
        other = wanted(batch.source.features, batch.target.features)
    finally:
        torch.set_default_dtype(torch.float32)
    assert_agree(term(batch), other, batch)


def test_dann_is_half_of_that_of_skada(oracle):
    batch = make_batch(6, 11)
    term = DANNSpec(**PLAIN).build(CONTEXT).double()

    def is_target(rows):  # skada calls the target 1
        return torch.sigmoid(-term.discriminator(reverse_gradient(rows, 0.3)))[:, 0]

    loss = oracle("skada.deep").DANNLoss(
        lambda predicted, domain: nn.functional.binary_cross_entropy(predicted, domain.double())
    )
    both = loss(is_target(batch.source.features), is_target(batch.target.features))
    assert_agree(term(batch), both / 2, batch)


def test_the_random_map_of_cdan_is_that_of_pytorch_adapt(oracle):
    term = CDANSpec(map_dim=7, **PLAIN).build(CONTEXT).double()
    theirs = oracle("pytorch_adapt.layers").RandomizedDotProduct([5, 3], 7)
    theirs.set_rand_mat(0, term.of_features)
    theirs.set_rand_mat(1, term.of_predictions)
    batch = make_batch()
    predicted = batch.source.logits.softmax(1)
    mine = term._map(batch.source.features, predicted)
    torch.testing.assert_close(mine, theirs(batch.source.features, predicted))


def test_the_whole_map_of_cdan_is_that_of_dalib(oracle):
    term, batch = CDANSpec(**PLAIN).build(CONTEXT).double(), make_batch()
    theirs = oracle("dalib.adaptation.cdan").MultiLinearMap()
    predicted = batch.source.logits.softmax(1)
    mine = term._map(batch.source.features, predicted).unflatten(1, (5, 3)).transpose(1, 2)
    torch.testing.assert_close(mine.flatten(1), theirs(batch.source.features, predicted))


@pytest.mark.parametrize("entropy", [False, True])
def test_cdan_is_that_of_dalib(entropy, oracle):
    """With its batches: where both domains have one weight in all, joint and apart are one."""
    batch = make_batch(8, 8)
    with torch.no_grad():  # the same predictions in both domains, in another order
        batch.target.logits.copy_(batch.source.logits.flip(0))
    term = CDANSpec(entropy_conditioning=entropy, **PLAIN).build(CONTEXT).double()

    def judge(seen):  # dalib's map is laid out class by class
        return torch.sigmoid(
            term.discriminator(seen.unflatten(1, (3, 5)).transpose(1, 2).flatten(1))
        )

    cdan = oracle("dalib.adaptation.cdan")
    loss = with_strength(
        cdan.ConditionalDomainAdversarialLoss(judge, entropy_conditioning=entropy), 0.3
    )
    torch.set_default_dtype(torch.float64)  # its domain labels are of the default type
    try:
        source, target = batch.source, batch.target
        other = loss(source.logits, source.features, target.logits, target.features)
    finally:
        torch.set_default_dtype(torch.float32)
    value = term(batch)
    # dalib's entropy has 1e-5 in the logarithm
    near = {"rtol": 1e-4 if entropy else 1e-6, "atol": 1e-6}
    torch.testing.assert_close(value, other, **near)
    mine, its = (
        torch.autograd.grad(each, [source.features, target.features]) for each in (value, other)
    )
    torch.testing.assert_close(mine, its, **near)


def test_mdd_is_the_negative_of_that_of_dalib(oracle):
    batch = make_batch(6, 11)
    term = MDDSpec(gamma=3.0, schedule="constant", reversal=0.3).build(CONTEXT).double()
    mdd = oracle("dalib.adaptation.mdd")
    seen = [
        term.head(reverse_gradient(side.features, 0.3)) for side in (batch.source, batch.target)
    ]
    wanted = mdd.MarginDisparityDiscrepancy(margin=3.0)(
        batch.source.logits, seen[0], batch.target.logits, seen[1]
    )
    value = term(batch)
    torch.testing.assert_close(value, wanted, rtol=2e-6, atol=2e-6)  # it shifts by 1e-6
    leaves = [batch.source.features, batch.target.features]
    mine, its = (torch.autograd.grad(each, leaves) for each in (value, wanted))
    torch.testing.assert_close(mine, its, rtol=1e-5, atol=1e-6)


def test_the_discrepancy_of_mcd_is_that_of_pytorch_adapt_and_of_dalib(oracle):
    batch, term = make_batch(6, 11), MCDSpec().build(CONTEXT).double()
    second = term.second(batch.target.features)
    loss = oracle("pytorch_adapt.layers").MCDLoss()
    assert_agree(term.phase_loss("agree", batch), loss(batch.target.logits, second), batch)
    second = term.second(batch.target.features)
    apart = oracle("dalib.adaptation.mcd").classifier_discrepancy(
        batch.target.logits.softmax(1), second.softmax(1)
    )
    assert_agree(term.phase_loss("agree", batch), apart, batch)
    source = batch.source
    task = cross_entropy(source.logits, source.labels) + term(batch)
    apart = loss(batch.target.logits, term.second(batch.target.features))
    assert_agree(term.phase_loss("disagree", batch), task - apart, batch)
