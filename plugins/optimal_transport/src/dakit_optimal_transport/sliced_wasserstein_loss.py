"""The sliced Wasserstein distance (Bonneel et al. 2015)."""

from __future__ import annotations

from typing import final

import ot
import torch
from torch import Tensor

from dakit.contracts import Batch, BuildContext, LossTerm
from dakit_optimal_transport.samples import at_least_float32, centred, zero_with_graph
from dakit_optimal_transport.sliced_wasserstein import SlicedWasserstein


@final
class SlicedWassersteinLoss(LossTerm):
    """Squared sliced distance of ``(n, D)`` and ``(m, D)``; see ``SlicedWasserstein``."""

    def __init__(self, spec: SlicedWasserstein, context: BuildContext) -> None:
        super().__init__()
        self._projections = spec.projections

    def forward(self, batch: Batch) -> Tensor:
        """Return the mean over new random directions; 0 where a domain has no rows."""
        source = at_least_float32(batch.source.features)
        target = at_least_float32(batch.target.features)
        if min(len(source), len(target)) == 0:
            return zero_with_graph(source, target)
        with torch.autocast(source.device.type, enabled=False):
            return sliced_distance(*centred(source, target), self._directions(source))

    def _directions(self, features: Tensor) -> Tensor:
        """Draw unit vectors ``(D, projections)``."""
        dim = features.shape[1]
        drawn = torch.randn(dim, self._projections, dtype=features.dtype, device=features.device)
        directions: Tensor = drawn / drawn.norm(dim=0)
        return directions


def sliced_distance(source: Tensor, target: Tensor, directions: Tensor) -> Tensor:
    """Return ``mean_t W_2(x t, y t)^2`` over the columns ``t`` of ``directions (D, T)``."""
    costs = ot.wasserstein_1d(source @ directions, target @ directions, p=2)
    mean: Tensor = costs.mean()
    return mean
