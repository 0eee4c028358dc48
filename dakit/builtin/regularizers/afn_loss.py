"""Stepwise adaptive feature norm (Xu et al. 2019)."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor

from dakit.builtin.numerics import at_least_float32, common_scale, zero_with_graph
from dakit.builtin.regularizers.afn import AFNSpec
from dakit.contracts import Batch, BuildContext, LossTerm


@final
class AFN(LossTerm):
    """Draws the norms of features ``(B, D)`` of both domains upwards; see AFNSpec."""

    def __init__(self, spec: AFNSpec, context: BuildContext) -> None:
        super().__init__()
        self._step = spec.step

    def forward(self, batch: Batch) -> Tensor:
        """Return the sum of the domains' means; a domain without rows adds 0."""
        domains = [at_least_float32(side.features) for side in (batch.source, batch.target)]
        return torch.stack([self._of(rows) for rows in domains]).sum()

    def _of(self, features: Tensor) -> Tensor:
        if len(features) == 0:
            return zero_with_graph(features)
        scale = common_scale(features)
        norms = torch.linalg.vector_norm(features / scale, dim=1) * scale
        loss: Tensor = (self._step + (norms.detach() - norms)).square().mean()
        return loss
