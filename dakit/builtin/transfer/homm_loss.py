"""Higher-order moment matching (Chen et al. 2020)."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor

from dakit.builtin.numerics import (
    at_least_float32,
    full_precision,
    homogeneous,
    zero_with_graph,
)
from dakit.builtin.transfer.homm import HoMMSpec
from dakit.contracts import Batch, BuildContext, LossTerm


@final
class HoMM(LossTerm):
    """Distance of the moment tensors of ``(n, D)`` and ``(m, D)``; see HoMMSpec."""

    def __init__(self, spec: HoMMSpec, context: BuildContext) -> None:
        super().__init__()
        self._order = spec.order

    def forward(self, batch: Batch) -> Tensor:
        """Return the squared distance; 0 where a domain has no rows."""
        source = at_least_float32(batch.source.features)
        target = at_least_float32(batch.target.features)
        if min(len(source), len(target)) == 0:
            return zero_with_graph(source, target)
        return homogeneous(self._distance, 2 * self._order, source, target)

    def _distance(self, source: Tensor, target: Tensor) -> Tensor:
        n, m = len(source), len(target)
        rows = torch.cat([source, target])
        shares = torch.cat([source.new_full((n,), 1 / n), target.new_full((m,), -1 / m)])
        with full_precision(rows):
            products = (rows @ rows.T / source.shape[1]) ** self._order
            squared: Tensor = shares @ products @ shares
        return squared.clamp(min=0)  # by rounding alone it is below
