from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from sklearn.metrics.pairwise import rbf_kernel

from dakit.builtin.transfer.mmd import PUBLISHED_VARIANCES, MMDSpec
from dakit.contracts import BuildContext

CONTEXT = BuildContext(seed=0)
SIZES = [(8, 8), (5, 9), (9, 5)]


def mmd(batch, **options):
    return MMDSpec(**options).build(CONTEXT)(batch)


def arrays(batch):
    return batch.source.features.detach().numpy(), batch.target.features.detach().numpy()


def kernel(x, y, variances):
    return sum(rbf_kernel(x, y, gamma=1 / (2 * s)) for s in variances)


def biased(x, y, variances):
    return (
        kernel(x, x, variances).mean()
        + kernel(y, y, variances).mean()
        - 2 * kernel(x, y, variances).mean()
    )


def unbiased(x, y, variances):
    def mean_of_others(z):
        values = kernel(z, z, variances)
        return (values.sum() - np.trace(values)) / (len(z) * (len(z) - 1))

    return mean_of_others(x) + mean_of_others(y) - 2 * kernel(x, y, variances).mean()


def linear(x, y, variances):
    """Gretton et al. 2012, lemma 14, pair by pair."""

    def k(a, b):
        return sum(np.exp(-((a - b) ** 2).sum() / (2 * s)) for s in variances)

    pairs = min(len(x), len(y)) // 2
    terms = [
        k(x[2 * i], x[2 * i + 1])
        + k(y[2 * i], y[2 * i + 1])
        - k(x[2 * i], y[2 * i + 1])
        - k(x[2 * i + 1], y[2 * i])
        for i in range(pairs)
    ]
    return sum(terms) / pairs


ORACLES = {"biased": biased, "unbiased": unbiased, "linear": linear}


@pytest.mark.parametrize(("n", "m"), SIZES)
@pytest.mark.parametrize("estimator", ORACLES)
def test_agrees_with_the_papers_formula(estimator, n, m, make_batch):
    batch = make_batch(n, m)
    wanted = ORACLES[estimator](*arrays(batch), PUBLISHED_VARIANCES)
    assert mmd(batch, estimator=estimator).item() == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("estimator", ORACLES)
def test_float32_agrees_to_1e_6(estimator, make_batch):
    exact = make_batch(32, 32, dim=40)
    x, y = (part.features.detach().float() for part in (exact.source, exact.target))
    wanted = ORACLES[estimator](x.double().numpy(), y.double().numpy(), (10.0, 100.0))
    value = mmd(make_batch(source=x, target=y), estimator=estimator, variances=(10.0, 100.0))
    assert value.item() == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize("estimator", ORACLES)
@pytest.mark.parametrize("kernels", ["sum", "mean"])
def test_kernels_are_summed_or_averaged(estimator, kernels, make_batch):
    batch = make_batch()
    variances = (0.5, 2.0, 8.0)
    value = mmd(batch, estimator=estimator, variances=variances, kernels=kernels).item()
    share = 1 if kernels == "sum" else 1 / 3
    assert value == pytest.approx(share * ORACLES[estimator](*arrays(batch), variances), abs=1e-9)


def all_distances(x, y):
    rows = np.concatenate([x, y])
    return [((a - b) ** 2).sum() for a, b in itertools.combinations(rows, 2)]


@pytest.mark.parametrize(("n", "m"), [(5, 9), (4, 4)])
@pytest.mark.parametrize("estimator", ["biased", "unbiased"])
@pytest.mark.parametrize("bandwidth", ["median", "mean"])
def test_heuristic_bandwidth(bandwidth, estimator, n, m, make_batch):
    batch = make_batch(n, m)
    x, y = arrays(batch)
    values = sorted(all_distances(x, y))
    h = values[(len(values) - 1) // 2] if bandwidth == "median" else np.mean(values)
    wanted = ORACLES[estimator](x, y, (0.5 * h, 2 * h))
    value = mmd(batch, estimator=estimator, bandwidth=bandwidth, factors=(0.5, 2.0)).item()
    assert value == pytest.approx(wanted, abs=1e-9)


def test_heuristic_bandwidth_of_the_linear_estimator(make_batch):
    batch = make_batch(6, 6)
    x, y = arrays(batch)
    pairs = [(x[::2], x[1::2]), (y[::2], y[1::2]), (x[::2], y[1::2]), (x[1::2], y[::2])]
    h = np.mean([((a - b) ** 2).sum(1) for a, b in pairs])
    value = mmd(batch, estimator="linear", bandwidth="mean", factors=(1.0,)).item()
    assert value == pytest.approx(linear(x, y, (h,)), abs=1e-9)


@pytest.mark.parametrize("estimator", ORACLES)
@pytest.mark.parametrize("bandwidth", ["median", "mean"])
def test_no_gradient_flows_through_the_bandwidth(bandwidth, estimator, make_batch):
    first, second = make_batch(6, 6), make_batch(6, 6)
    x, y = arrays(first)
    if estimator == "linear":
        pairs = [(x[::2], x[1::2]), (y[::2], y[1::2]), (x[::2], y[1::2]), (x[1::2], y[::2])]
        values = np.concatenate([((a - b) ** 2).sum(1) for a, b in pairs])
    else:
        values = np.array(all_distances(x, y))
    middle = np.sort(values)[(len(values) - 1) // 2]
    h = middle if bandwidth == "median" else values.mean()
    mmd(first, estimator=estimator, bandwidth=bandwidth, factors=(1.0, 2.0)).backward()
    mmd(second, estimator=estimator, variances=(h, 2 * h)).backward()
    torch.testing.assert_close(first.source.features.grad, second.source.features.grad)
    torch.testing.assert_close(first.target.features.grad, second.target.features.grad)


@pytest.mark.parametrize(("n", "m"), [(4, 4), (3, 6), (7, 2)])
@pytest.mark.parametrize("estimator", ORACLES)
def test_gradient(estimator, n, m, make_batch):
    batch = make_batch(n, m, dim=3)

    def value(source, target):
        trial = make_batch(source=source, target=target)
        object.__setattr__(trial.source, "features", source)
        object.__setattr__(trial.target, "features", target)
        return mmd(trial, estimator=estimator, variances=(0.5, 2.0, 30.0))

    assert torch.autograd.gradcheck(value, (batch.source.features, batch.target.features))


def test_bounds_of_the_published_bank(make_batch):
    same = torch.randn(128, 20, generator=torch.Generator().manual_seed(0))
    assert mmd(make_batch(source=same, target=same)).item() == pytest.approx(0, abs=1e-5)
    apart = torch.full((128, 20), 1e6)
    value = mmd(make_batch(source=torch.zeros(128, 20), target=apart)).item()
    assert value == pytest.approx(38, abs=1e-5)


def test_unbiased_has_mean_zero_on_equal_distributions(make_batch):
    values = [
        mmd(make_batch(source=z[:20], target=z[20:]), estimator="unbiased", variances=(5.0,)).item()
        for z in torch.randn(200, 40, 5, generator=torch.Generator().manual_seed(0))
    ]
    assert abs(np.mean(values)) < 4 * np.std(values) / np.sqrt(200)
    assert min(values) < 0


def test_the_published_clamp_has_no_gradient_below_it(make_batch):
    same = torch.randn(8, 5, dtype=torch.float64)
    batch = make_batch(source=same, target=same + 1e-9)
    value = mmd(batch, variances=(1.0,), clamp=1e-4)
    value.backward()
    assert value.item() == pytest.approx(1e-4)
    assert not batch.source.features.grad.any()
    assert mmd(make_batch(), clamp=1e-4).item() == mmd(make_batch()).item()


@pytest.mark.parametrize(("estimator", "rows"), [("biased", 0), ("unbiased", 1), ("linear", 1)])
def test_too_few_rows_give_zero(estimator, rows, make_batch):
    assert mmd(make_batch(8, rows), estimator=estimator).item() == 0


def test_descending_the_gradient_brings_the_domains_together(make_batch):
    batch = make_batch(16, 16)
    optimizer = torch.optim.SGD([batch.target.features], lr=0.5)
    before = mmd(batch).item()
    for _ in range(100):
        optimizer.zero_grad()
        mmd(batch).backward()
        optimizer.step()
    assert mmd(batch).item() < 0.7 * before


@pytest.mark.parametrize("bandwidth", ["median", "mean"])
def test_heuristic_bandwidth_where_most_rows_coincide(bandwidth, make_batch):
    x = torch.zeros(8, 5, dtype=torch.float64)
    x[0] = 2.0
    batch = make_batch(source=x, target=torch.zeros(8, 5, dtype=torch.float64))
    mean = np.mean(all_distances(*arrays(batch)))
    value = mmd(batch, bandwidth=bandwidth, factors=(1.0,)).item()
    assert value == pytest.approx(biased(*arrays(batch), (mean,)), abs=1e-9)
