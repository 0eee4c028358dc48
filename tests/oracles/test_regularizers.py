"""Regularizers of predictions and features are those of other libraries."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from dakit.builtin.regularizers.afn import AFNSpec
from dakit.builtin.regularizers.bnm import BNMSpec
from dakit.builtin.regularizers.bsp import BSPSpec
from dakit.builtin.regularizers.entropy import EntropySpec
from dakit.builtin.regularizers.information_maximization import InformationMaximizationSpec
from dakit.builtin.regularizers.mcc import MCCSpec
from dakit.builtin.regularizers.vat import VATSpec
from dakit.contracts import View
from tests.oracles.conftest import CONTEXT, assert_agree, make_batch

ROWS = pytest.mark.parametrize("rows", [8, 11, 2])


@ROWS
@pytest.mark.parametrize("temperature", [1.0, 2.5])
def test_mcc_is_that_of_pytorch_adapt_and_in_value_that_of_skada(rows, temperature, oracle):
    batch, term = make_batch(8, rows), MCCSpec(temperature=temperature).build(CONTEXT)
    loss = oracle("pytorch_adapt.layers").MCCLoss(T=temperature)
    assert_agree(term(batch), loss(batch.target.logits), batch)
    value = oracle("skada.deep.losses").mcc_loss(batch.target.logits, T=temperature)
    assert term(batch).item() == pytest.approx(value.item(), abs=1e-6)


@ROWS
def test_bnm_is_that_of_pytorch_adapt(rows, oracle):
    batch = make_batch(8, rows)
    wanted = oracle("pytorch_adapt.layers").BNMLoss()(batch.target.logits)
    assert_agree(BNMSpec().build(CONTEXT)(batch), wanted, batch)


@ROWS
def test_entropy_is_that_of_pytorch_adapt_and_of_torch(rows, oracle):
    batch, term = make_batch(8, rows), EntropySpec().build(CONTEXT)
    wanted = oracle("pytorch_adapt.layers").EntropyLoss()(batch.target.logits)
    assert_agree(term(batch), wanted, batch)
    torchs = torch.distributions.Categorical(logits=batch.target.logits).entropy().mean()
    assert_agree(term(batch), torchs, batch)


@ROWS
@pytest.mark.parametrize("diversity", [1.0, 0.4])
def test_information_maximization_is_entropy_and_diversity_of_pytorch_adapt(
    rows, diversity, oracle
):
    batch, layers = make_batch(8, rows), oracle("pytorch_adapt.layers")
    logits = batch.target.logits
    wanted = layers.EntropyLoss()(logits) + diversity * layers.DiversityLoss()(logits)
    term = InformationMaximizationSpec(diversity=diversity).build(CONTEXT)
    assert_agree(term(batch), wanted, batch)


@pytest.mark.parametrize("largest", [1, 3])
def test_bsp_is_that_of_pytorch_adapt_in_both_domains(largest, oracle):
    batch = make_batch(6, 11)
    loss = oracle("pytorch_adapt.layers").BatchSpectralLoss(largest)
    wanted = loss(batch.source.features) + loss(batch.target.features)
    assert_agree(BSPSpec(largest=largest).build(CONTEXT)(batch), wanted, batch)


@pytest.mark.parametrize("step", [1.0, 0.3])
def test_afn_is_that_of_pytorch_adapt_in_both_domains(step, oracle):
    batch = make_batch(6, 11)
    loss = oracle("pytorch_adapt.layers").AdaptiveFeatureNorm(step)
    wanted = loss(batch.source.features) + loss(batch.target.features)
    assert_agree(AFNSpec(step=step).build(CONTEXT)(batch), wanted, batch)


class Line:
    """A network of a backbone and a head, for passes of a term's own and as one of a library."""

    def __init__(self):
        with torch.random.fork_rng():
            torch.manual_seed(0)
            self.module = torch.nn.Sequential(
                torch.nn.Linear(5, 5), torch.nn.Tanh(), torch.nn.Linear(5, 3)
            ).double()

    def __call__(self, inputs, domain="target"):
        features = self.module[:2](inputs)
        return View(features, self.module[2](features))


@pytest.mark.parametrize("iterations", [1, 3])
def test_vat_is_that_of_pytorch_adapt(iterations, oracle):
    network, batch = Line(), make_batch(8, 11)
    inputs = torch.randn(11, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    batch = replace(batch, network=network, target=replace(batch.target, inputs=inputs))
    term = VATSpec(radius=0.2, xi=0.05, iterations=iterations).build(CONTEXT)
    loss = oracle("pytorch_adapt.layers").VATLoss(
        iterations, xi=0.05 * 5**0.5, epsilon=0.2 * 5**0.5
    )
    torch.set_default_dtype(torch.float64)  # both draw the first direction, in the default type
    try:
        torch.manual_seed(4)
        value = term(batch)
        mine = torch.autograd.grad(value, network.module.parameters())
        torch.manual_seed(4)
        wanted = loss(inputs, network.module(inputs), network.module)
    finally:
        torch.set_default_dtype(torch.float32)
    its = torch.autograd.grad(wanted, network.module.parameters())
    torch.testing.assert_close(value, wanted, rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(mine, its, rtol=1e-6, atol=1e-6)
