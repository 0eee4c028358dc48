from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from sklearn.metrics.pairwise import euclidean_distances, rbf_kernel

from dakit.builtin.transfer.kernels import gaussian_bank, pair_distances


def rows(count: int, dim: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, dim, dtype=torch.float64, generator=generator)


@pytest.mark.parametrize(("n", "m"), [(4, 4), (3, 6), (1, 5), (2, 1), (1, 1)])
def test_every_pair_once_and_in_order(n, m):
    source, target = rows(n, 7), rows(m, 7, seed=1)
    distances, counts = pair_distances(source, target)
    within_source, within_target, between = distances.split(counts)
    ss, tt = (euclidean_distances(x, squared=True) for x in (source, target))
    st = euclidean_distances(source, target, squared=True)
    np.testing.assert_allclose(within_source, ss[np.triu_indices(n, 1)], atol=1e-12)
    np.testing.assert_allclose(within_target, tt[np.triu_indices(m, 1)], atol=1e-12)
    np.testing.assert_allclose(between.view(n, m), st, atol=1e-12)


def test_gradient_of_the_distances():
    inputs = rows(3, 4).requires_grad_(), rows(5, 4, seed=1).requires_grad_()
    assert torch.autograd.gradcheck(lambda s, t: pair_distances(s, t)[0], inputs)


def test_a_common_offset_costs_no_digits():
    source, target = (1e4 + rows(6, 50, seed).float() for seed in (0, 1))
    exact, _ = pair_distances(source.double(), target.double())
    torch.testing.assert_close(pair_distances(source, target)[0].double(), exact, rtol=1e-5, atol=0)


@pytest.mark.parametrize("count", [5, 33, 128])
def test_equal_rows_are_at_distance_zero(count):
    same = 30 * rows(count, 300).float()
    distances, counts = pair_distances(same, same.clone())
    assert (distances.split(counts)[2].view(count, count).diagonal() == 0).all()
    assert (distances >= 0).all()


def test_bank_agrees_with_sklearn():
    source, target = rows(6, 4), rows(5, 4, seed=1)
    between = torch.from_numpy(euclidean_distances(source, target, squared=True))
    wanted = sum(rbf_kernel(source, target, gamma=1 / (2 * s)) for s in (0.1, 1.0, 30.0))
    np.testing.assert_allclose(gaussian_bank(between, (0.1, 1.0, 30.0)), wanted, atol=1e-12)


def test_gradient_of_the_bank():
    distances = torch.linspace(0.0, 5.0, 11, dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(lambda d: gaussian_bank(d, (0.3, 2.0)), distances)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_bank_where_the_exponential_underflows(dtype):
    value = gaussian_bank(torch.tensor([0.0, 1e3, 1e12], dtype=dtype), (1e-6, 1e3))
    torch.testing.assert_close(value, torch.tensor([2.0, math.exp(-0.5), 0.0], dtype=dtype))
