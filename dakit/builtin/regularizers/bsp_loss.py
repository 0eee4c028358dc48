"""Batch spectral penalisation (Chen et al. 2019)."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor

from dakit.builtin.numerics import homogeneous, over_domains
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
        return over_domains(batch, self._of)

    def _of(self, features: Tensor) -> Tensor:
        return homogeneous(self._squares, 2, features)

    def _squares(self, features: Tensor) -> Tensor:
        values: Tensor = torch.linalg.svdvals(features)[: self._largest]
        return values.square().sum()
