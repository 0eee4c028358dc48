"""Maximum mean discrepancy with banks of Gaussian kernels (Gretton et al. 2012)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import torch
from torch import Tensor

from dakit.builtin.numerics import at_least_float32, zero_with_graph
from dakit.builtin.transfer.kernels import biased_mmd, gaussian_bank, heuristic, pair_distances
from dakit.builtin.transfer.mmd import MMDSpec
from dakit.contracts import Batch, BuildContext, LossTerm


@final
class MMD(LossTerm):
    """Squared MMD of source features ``(n, D)`` and target features ``(m, D)``; see ``MMDSpec``.

    The value is 0 where a domain has too few rows to estimate it: none, or one unless biased.
    """

    def __init__(self, spec: MMDSpec, context: BuildContext) -> None:
        super().__init__()
        self._estimator = spec.estimator
        self._bandwidth = spec.bandwidth
        self._scales = spec.variances if spec.bandwidth == "fixed" else spec.factors
        self._share = 1.0 if spec.kernels == "sum" else 1.0 / len(self._scales)
        self._clamp = spec.clamp

    def forward(self, batch: Batch) -> Tensor:
        """Return the estimate of the squared MMD."""
        source = at_least_float32(batch.source.features)
        target = at_least_float32(batch.target.features)
        if min(len(source), len(target)) < (1 if self._estimator == "biased" else 2):
            return zero_with_graph(source, target)
        value = self._share * self._estimate(source, target)
        return value if self._clamp is None else value.clamp(min=self._clamp)

    def _estimate(self, source: Tensor, target: Tensor) -> Tensor:
        if self._estimator == "linear":
            return linear_mmd(self._kernel(neighbour_distances(source, target)))
        distances, counts = pair_distances(source, target)
        sums = [part.sum() for part in torch.split(self._kernel(distances), list(counts))]
        if self._estimator == "biased":
            return biased_mmd(sums, len(source), len(target), len(self._scales))
        return unbiased_mmd(sums, len(source), len(target))

    def _kernel(self, distances: Tensor) -> Tensor:
        """Return the sum of the kernels, elementwise."""
        if self._bandwidth != "fixed":
            distances = distances / heuristic(distances.detach(), self._bandwidth)
        return gaussian_bank(distances, self._scales)


def unbiased_mmd(sums: Sequence[Tensor], n: int, m: int) -> Tensor:
    """Return Gretton et al. 2012, eq. 3, from the sums over pairs."""
    source, target, between = sums
    within = 2 * source / (n * (n - 1)) + 2 * target / (m * (m - 1))
    return within - 2 * between / (n * m)


def linear_mmd(kernel: Tensor) -> Tensor:
    """Return Gretton et al. 2012, lemma 14, from the kernel of :func:`neighbour_distances`."""
    source, target, ahead, back = kernel
    value: Tensor = (source + target - ahead - back).mean()
    return value


def neighbour_distances(source: Tensor, target: Tensor) -> Tensor:
    """Return the squared distances ``(4, p)`` that the linear estimator needs.

    Over the first ``p = min(n, m) // 2`` pairs of neighbouring rows ``(2i, 2i + 1)``: within
    source, within target, source to the next target row, target to the next source row.
    """
    end = min(len(source), len(target)) // 2 * 2
    x, x_next, y, y_next = source[0:end:2], source[1:end:2], target[0:end:2], target[1:end:2]
    differences = torch.stack([x - x_next, y - y_next, x - y_next, y - x_next])
    return differences.square().sum(dim=2)
