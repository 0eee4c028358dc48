"""Batch spectral penalisation (Chen et al. 2019)."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor

from dakit.builtin.numerics import (
    at_least_float32,
    common_scale,
    scaled_back,
    zero_with_graph,
)
from dakit.builtin.regularizers.bsp import BSPSpec
from dakit.contracts import Batch, BuildContext, LossTerm


@final
class BSP(LossTerm):
    """Squares of the largest singular values of features ``(B, D)``; see BSPSpec."""

    def __init__(self, spec: BSPSpec, context: BuildContext) -> None:
        super().__init__()
        self._largest = spec.largest

    def forward(self, batch: Batch) -> Tensor:
        """Return the sum over both domains; a domain without rows adds 0."""
        domains = [at_least_float32(side.features) for side in (batch.source, batch.target)]
        return torch.stack([self._of(rows) for rows in domains]).sum()

    def _of(self, features: Tensor) -> Tensor:
        if len(features) == 0:
            return zero_with_graph(features)
        scale = common_scale(features)
        values = torch.linalg.svdvals(features / scale)[: self._largest]
        return scaled_back(values.square().sum(), scale, 2)
