"""Distances between the features of the domains are those of other libraries."""

from __future__ import annotations

import numpy as np
import ot
import pytest
import torch
from geomloss import SamplesLoss

from dakit.builtin.transfer.coral import CORALSpec
from dakit.builtin.transfer.energy import EnergySpec
from dakit.builtin.transfer.jan import JANSpec
from dakit.builtin.transfer.mmd import MMDSpec
from dakit_optimal_transport.deepjdot import DeepJDOT
from dakit_optimal_transport.sinkhorn import Sinkhorn
from dakit_optimal_transport.sliced_wasserstein import SlicedWasserstein
from tests.oracles.conftest import CONTEXT, assert_agree, make_batch

SIZES = pytest.mark.parametrize(("n", "m"), [(8, 8), (6, 11)])


def features(batch):
    return batch.source.features, batch.target.features


@SIZES
@pytest.mark.parametrize("spread", [0.7, 2.0])
def test_biased_mmd_is_twice_that_of_geomloss(n, m, spread):
    batch = make_batch(n, m)
    term = MMDSpec(variances=(spread**2,)).build(CONTEXT)
    assert_agree(term(batch), 2 * SamplesLoss("gaussian", blur=spread)(*features(batch)), batch)


@SIZES
def test_unbiased_mmd_is_that_of_pytorch_adapt(n, m, oracle):
    batch = make_batch(n, m)
    loss = oracle("pytorch_adapt.layers").MMDLoss(mmd_type="quadratic", bandwidth=3.0)
    term = MMDSpec(estimator="unbiased", variances=(1.5,)).build(CONTEXT)
    assert_agree(term(batch), loss(*features(batch)), batch)


def test_the_mean_of_kernels_is_that_of_pytorch_adapt(oracle):
    batch = make_batch(6, 11)
    scales = torch.tensor([1.0, 0.5, 0.25])  # it divides by bandwidth / scale
    layers = oracle("pytorch_adapt.layers")
    loss = layers.MMDLoss(kernel_scales=scales, mmd_type="quadratic", bandwidth=3.0)
    options = {"estimator": "unbiased", "variances": (1.5, 3.0, 6.0), "kernels": "mean"}
    assert_agree(MMDSpec(**options).build(CONTEXT)(batch), loss(*features(batch)), batch)


def test_linear_mmd_is_that_of_pytorch_adapt(oracle):
    batch = make_batch(8, 8)
    loss = oracle("pytorch_adapt.layers").MMDLoss(mmd_type="linear", bandwidth=3.0)
    term = MMDSpec(estimator="linear", variances=(1.5,)).build(CONTEXT)
    assert_agree(term(batch), loss(*features(batch)), batch)


def test_unbiased_mmd_is_that_of_dalib_without_its_constant(oracle):
    batch, n = make_batch(8, 8), 8
    gaussian = oracle("dalib.modules.kernels").GaussianKernel
    kernels = [gaussian(sigma, track_running_stats=False) for sigma in (0.8, 1.7)]
    loss = oracle("dalib.adaptation.dan").MultipleKernelMaximumMeanDiscrepancy(kernels)
    term = MMDSpec(estimator="unbiased", variances=(0.8**2, 1.7**2)).build(CONTEXT)
    assert_agree(term(batch), loss(*features(batch)) - 2 / (n - 1), batch)


@SIZES
def test_joint_mmd_is_the_mean_of_the_product_of_the_kernels_of_dalib(n, m, oracle):
    batch, spec = make_batch(n, m), JANSpec(factors=(0.5, 2.0), predictions=0.9)
    rows = torch.cat(features(batch))
    h = float((rows.detach()[:, None] - rows.detach()).square().sum(2).sum())
    h /= len(rows) * (len(rows) - 1)
    gaussian = oracle("dalib.modules.kernels").GaussianKernel
    of_features = [gaussian((f * h) ** 0.5, track_running_stats=False) for f in spec.factors]
    of_predictions = gaussian((spec.predictions / 2) ** 0.5, track_running_stats=False)
    predicted = torch.cat([side.logits for side in (batch.source, batch.target)]).softmax(1)
    kernel = sum(k(rows) for k in of_features) * of_predictions(predicted)
    wanted = kernel[:n, :n].mean() + kernel[n:, n:].mean() - 2 * kernel[:n, n:].mean()
    assert_agree(spec.build(CONTEXT)(batch), wanted, batch)


@SIZES
def test_the_energy_distance_is_twice_that_of_geomloss(n, m):
    batch = make_batch(n, m)
    # geomloss has 1e-4 for the distance of a row to itself
    wanted = 2 * SamplesLoss("energy")(*features(batch)) + 1e-4 * (1 / n + 1 / m)
    assert_agree(EnergySpec().build(CONTEXT)(batch), wanted, batch)


@SIZES
def test_coral_is_that_of_pytorch_adapt_and_of_skada(n, m, oracle):
    batch = make_batch(n, m)
    value = CORALSpec().build(CONTEXT)(batch)
    assert_agree(value, oracle("pytorch_adapt.layers").CORALLoss()(*features(batch)), batch)
    value = CORALSpec().build(CONTEXT)(batch)
    assert_agree(value, oracle("skada.deep.losses").deepcoral_loss(*features(batch)), batch)


def test_deepjdot_is_that_of_skada(oracle):
    batch = make_batch(8, 8)  # skada's needs batches of one size
    wanted = oracle("skada.deep.losses").deepjdot_loss(
        batch.source.labels,
        batch.target.logits,
        *features(batch),
        reg_dist=0.3,
        reg_cl=0.8,
        sample_weights=torch.full((8,), 1 / 8, dtype=torch.float64),
        target_sample_weights=torch.full((8,), 1 / 8, dtype=torch.float64),
    )
    value = DeepJDOT(feature_weight=0.3, label_weight=0.8).build(CONTEXT)(batch)
    assert_agree(value, wanted, batch)


def entropic_cost(x, y, blur):
    """Feydy et al. 2019, eq. 1, with the plan of POT."""
    a, b = ot.unif(len(x)), ot.unif(len(y))
    costs = ot.dist(x, y) / 2
    plan = ot.sinkhorn(a, b, costs, blur**2, numItermax=20000, stopThr=1e-13)
    return (plan * costs).sum() + blur**2 * (plan * np.log(plan / np.outer(a, b))).sum()


@SIZES
def test_the_sinkhorn_divergence_is_that_of_pot(n, m):
    batch, blur = make_batch(n, m), 1.5
    spec = Sinkhorn(blur="fixed", least_blur=blur, scaling=0.99, dynamic_weights=False)
    x, y = (rows.detach().numpy() for rows in features(batch))
    within = entropic_cost(x, x, blur) + entropic_cost(y, y, blur)
    wanted = entropic_cost(x, y, blur) - within / 2
    assert spec.build(CONTEXT)(batch).item() == pytest.approx(wanted, rel=1e-5)


@SIZES
def test_the_sliced_wasserstein_distance_is_that_of_pot(n, m):
    batch = make_batch(n, m)
    term = SlicedWasserstein(projections=16).build(CONTEXT)
    torch.manual_seed(2)
    value = term(batch)
    torch.manual_seed(2)
    drawn = torch.randn(5, 16, dtype=torch.float64)
    wanted = ot.sliced_wasserstein_distance(
        *features(batch), projections=drawn / drawn.norm(dim=0)
    ).square()
    assert_agree(value, wanted, batch)
