"""Squared distances between all rows of two samples, and banks of Gaussian kernels on them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal, final

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from dakit.builtin.numerics import full_precision

RESOLUTION = 4
"""A squared distance below this many rounding errors of the norms it is made of is taken as 0."""


def pair_distances(source: Tensor, target: Tensor) -> tuple[Tensor, tuple[int, int, int]]:
    """Return the squared distance of every pair of distinct rows, each pair once.

    For ``source (n, D)`` and ``target (m, D)`` the pairs are, one after the other, the
    ``n (n - 1) / 2`` within the source, the ``m (m - 1) / 2`` within the target and the ``n m``
    between them; their numbers come second.

    All come from one Gram matrix, so memory is ``(n + m)^2 + (n + m) D`` and not ``n m D``. The
    rows are centred first, as a common offset would cost digits, and a distance too small to be
    told from rounding is exactly 0, such as that of two equal rows. There is no root, so the
    gradient is finite everywhere.
    """
    n, m = len(source), len(target)
    distances: Tensor = _PairDistances.apply(source, target)  # type: ignore[no-untyped-call]
    return distances, (n * (n - 1) // 2, m * (m - 1) // 2, n * m)


def gaussian_bank(distances: Tensor, variances: Sequence[float]) -> Tensor:
    """Return ``sum_s exp(-d / (2 s))`` of squared distances ``d``, elementwise."""
    value: Tensor = _GaussianBank.apply(distances, tuple(variances))  # type: ignore[no-untyped-call]
    return value


def heuristic(distances: Tensor, kind: Literal["median", "mean"]) -> Tensor:
    """Return the (lower) median or the mean of squared distances, as a positive scalar.

    Where more than half of the pairs coincide, so that the median is 0, the mean stands in for it;
    and where that is 0 too, 1, as the kernel of equal rows is 1 for any bandwidth. What is below
    the root of the smallest normal number counts as 0: the gradient would overflow.
    """
    least = math.sqrt(torch.finfo(distances.dtype).tiny)
    mean = distances.mean()
    mean = torch.where(mean > least, mean, torch.ones_like(mean))
    if kind == "mean":
        return mean
    median = distances.median()
    return torch.where(median > least, median, mean)


def biased_mmd(sums: Sequence[Tensor], n: int, m: int, kernels: int) -> Tensor:
    """Return Gretton et al. 2012, eq. 5, from the sums over pairs; ``k(x, x) = kernels``."""
    source, target, between = sums
    within = (n * kernels + 2 * source) / n**2 + (m * kernels + 2 * target) / m**2
    return within - 2 * between / (n * m)


def pair_products(source: Tensor, target: Tensor) -> Tensor:
    """Return the inner product of the rows of every pair, in the order of pair_distances."""
    i, j = _pairs(len(source), len(target), source.device)
    rows = torch.cat([source, target])
    with full_precision(rows):
        products: Tensor = (rows @ rows.T)[i, j]
    return products


@final
class _PairDistances(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, source: Tensor, target: Tensor) -> Tensor:
        rows = _centred(source, target)
        with full_precision(rows):
            gram = rows @ rows.T
        ctx.save_for_backward(rows)
        ctx.sizes = (len(source), len(target))
        i, j = _pairs(*ctx.sizes, rows.device)
        norms = gram.diagonal().contiguous()
        scale = norms[i] + norms[j]
        squared = torch.sub(scale, gram.view(-1)[i * len(rows) + j], alpha=2)
        smallest = scale.mul_(RESOLUTION * torch.finfo(rows.dtype).eps)
        return squared.masked_fill_(squared <= smallest, 0)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor]:
        (rows,) = ctx.saved_tensors
        count = len(rows)
        i, j = _pairs(*ctx.sizes, rows.device)
        # d/dx_i = 2 sum_j w_ij (x_i - x_j): a graph Laplacian, so one product does it
        flat, weights = gradient.new_zeros(count * count), -2 * gradient
        flat.index_copy_(0, i * count + j, weights).index_copy_(0, j * count + i, weights)
        laplacian = flat.view(count, count)
        laplacian.diagonal().sub_(laplacian.sum(dim=1))
        with full_precision(rows):
            to_source, to_target = (laplacian @ rows).split(ctx.sizes)
        return to_source, to_target


@final
class _GaussianBank(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, distances: Tensor, variances: Sequence[float]) -> Tensor:
        # Where exp underflows it is ten times slower: stop at the smallest normal number.
        least = math.ceil(math.log(torch.finfo(distances.dtype).tiny))
        kernel, value, slope = (torch.zeros_like(distances) for _ in range(3))
        for variance in variances:
            torch.mul(distances, -0.5 / variance, out=kernel).clamp_(min=least).exp_()
            value.add_(kernel)
            slope.add_(kernel, alpha=-0.5 / variance)
        ctx.save_for_backward(slope)
        return value

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (slope,) = ctx.saved_tensors
        return gradient * slope, None


def _centred(source: Tensor, target: Tensor) -> Tensor:
    """Return the rows of both, one under the other, minus their joint mean."""
    n, m = len(source), len(target)
    mean = (source.sum(dim=0) + target.sum(dim=0)) / (n + m)
    rows = source.new_empty(n + m, source.shape[1])
    torch.sub(source, mean, out=rows[:n])
    torch.sub(target, mean, out=rows[n:])
    return rows


@lru_cache(maxsize=16)
def _pairs(n: int, m: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return the rows ``i < j`` of every pair, in the order of :func:`pair_distances`."""
    within_source = torch.triu_indices(n, n, 1)
    within_target = torch.triu_indices(m, m, 1) + n
    between = torch.cartesian_prod(torch.arange(n), torch.arange(n, n + m)).T
    i, j = torch.cat([within_source, within_target, between], dim=1).to(device)
    return i.contiguous(), j.contiguous()
