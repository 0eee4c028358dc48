"""Soft matching by entropic transport, with the worst matched rows (Brauer et al. 2025)."""

from __future__ import annotations

from typing import final

import ot
import torch
from torch import Tensor

from dakit.contracts import Batch, BuildContext, LossTerm
from dakit_optimal_transport.deepjdot_loss import squared_distances
from dakit_optimal_transport.samples import at_least_float32, centred, zero_with_graph
from dakit_optimal_transport.soft_matching import SoftMatching

ROUNDS = 50


@final
class SoftMatchingLoss(LossTerm):
    """Matching of source ``(n, D)`` and target ``(m, D)``; see ``SoftMatching``.

    0 where a domain has no rows.
    """

    def __init__(self, spec: SoftMatching, context: BuildContext) -> None:
        super().__init__()
        self._spec = spec

    def forward(self, batch: Batch) -> Tensor:
        """Return the weighted sum of the three parts."""
        source = at_least_float32(batch.source.features)
        target = at_least_float32(batch.target.features)
        if min(len(source), len(target)) == 0:
            return zero_with_graph(source, target)
        with torch.autocast(source.device.type, enabled=False):
            return self._loss(*centred(source, target))

    def _loss(self, source: Tensor, target: Tensor) -> Tensor:
        spec = self._spec
        costs = squared_distances(source, target)
        plan = soft_coupling(costs.detach(), spec.epsilon)
        match = (source - len(source) * plan @ target).square().mean()
        nearest = costs.min(dim=1).values
        worst = nearest.topk(min(spec.k, len(nearest))).values.mean()
        return spec.transport * (plan * costs).sum() + spec.match * match + spec.worst * worst


def soft_coupling(costs: Tensor, epsilon: float) -> Tensor:
    """Return the entropic coupling ``(n, m)`` of uniform weights at ``epsilon mean(costs)``."""
    weights = [costs.new_full((size,), 1 / size) for size in costs.shape]
    mean = costs.mean()
    relative = costs / torch.where(mean > 0, mean, torch.ones_like(mean))
    plan: Tensor = ot.sinkhorn(
        *weights, relative, epsilon, method="sinkhorn_log", numItermax=ROUNDS, warn=False
    )
    return plan
