"""Joint distribution optimal transport on deep features (Damodaran et al. 2018)."""

from __future__ import annotations

from typing import final

import ot
import torch
from torch import Tensor

from dakit.contracts import Batch, BuildContext, LossTerm
from dakit_optimal_transport.deepjdot import DeepJDOT
from dakit_optimal_transport.samples import at_least_float32, centred, zero_with_graph


@final
class DeepJDOTLoss(LossTerm):
    """Cost of the best coupling of source ``(n, D)`` and target ``(m, D)``; see ``DeepJDOT``."""

    def __init__(self, spec: DeepJDOT, context: BuildContext) -> None:
        super().__init__()
        self._feature_weight = spec.feature_weight
        self._label_weight = spec.label_weight

    def forward(self, batch: Batch) -> Tensor:
        """Return the cost of the coupling; 0 where a domain has no rows."""
        source = at_least_float32(batch.source.features)
        target = at_least_float32(batch.target.features)
        logits = at_least_float32(batch.target.logits)
        if min(len(source), len(target)) == 0:
            return zero_with_graph(source, target, logits)
        with torch.autocast(source.device.type, enabled=False):
            costs = self._costs(*centred(source, target), batch.source.labels, logits)
        return (coupling(costs.detach()) * costs).sum()

    def _costs(self, source: Tensor, target: Tensor, labels: Tensor, logits: Tensor) -> Tensor:
        """Return ``C (n, m)``."""
        label_costs = -logits.log_softmax(dim=1)[:, labels].T
        distances = squared_distances(source, target)
        return self._feature_weight * distances + self._label_weight * label_costs


def squared_distances(source: Tensor, target: Tensor) -> Tensor:
    """Return ``|x_i - z_j|^2 (n, m)``, never negative, with a finite gradient at 0.

    By matrix products: the differences ``(n, m, D)`` would take a hundred times the memory.
    """
    squares = source.square().sum(dim=1)[:, None] + target.square().sum(dim=1)
    return (squares - 2 * source @ target.T).clamp(min=0)


def coupling(costs: Tensor) -> Tensor:
    """Return the cheapest coupling ``(n, m)`` of uniform weights, exactly."""
    n, m = costs.shape
    plan = ot.emd(ot.unif(n), ot.unif(m), costs.double().cpu().numpy())
    return torch.from_numpy(plan).to(costs)
