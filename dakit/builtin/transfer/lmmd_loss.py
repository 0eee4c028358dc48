"""MMD of each class (Zhu et al. 2021)."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor
from torch.nn import functional

from dakit.builtin.numerics import at_least_float32, zero_with_graph
from dakit.builtin.transfer.kernels import (
    gaussian_bank,
    heuristic,
    pair_distances,
    pair_products,
)
from dakit.builtin.transfer.lmmd import LMMDSpec
from dakit.contracts import Batch, BuildContext, LossTerm


@final
class LMMD(LossTerm):
    """Mean over the classes of the MMD of source ``(n, D)`` and target ``(m, D)``; see LMMDSpec.

    0 where a domain has no rows.
    """

    def __init__(self, spec: LMMDSpec, context: BuildContext) -> None:
        super().__init__()
        self._factors = spec.factors
        self._classes = context.num_classes

    def forward(self, batch: Batch) -> Tensor:
        """Return the mean over the classes."""
        source = at_least_float32(batch.source.features)
        target = at_least_float32(batch.target.features)
        if min(len(source), len(target)) == 0:
            return zero_with_graph(source, target)
        labels = functional.one_hot(batch.source.labels, self._classes).to(source.dtype)
        labels = labels[:, labels.any(dim=0)]
        predicted = at_least_float32(batch.target.logits.detach()).softmax(dim=1)
        predicted = predicted[:, torch.unique(batch.source.labels)]
        shares = [_shares(rows) for rows in (labels, predicted)]
        distances, counts = pair_distances(source, target)
        kernel = gaussian_bank(distances / heuristic(distances.detach(), "mean"), self._factors)
        within_source, within_target, between = (
            part.sum() for part in torch.split(kernel * pair_products(*shares), list(counts))
        )
        same = len(self._factors) * sum(rows.square().sum() for rows in shares)
        total = same + 2 * (within_source + within_target - between)
        return total / labels.shape[1]


def _shares(rows: Tensor) -> Tensor:
    """Return ``rows (n, C)`` divided by the sum of each column; 0 in a column of zeros."""
    total = rows.sum(dim=0)
    return rows / torch.where(total > torch.finfo(rows.dtype).tiny, total, torch.inf)
