"""Stepwise adaptive feature norm (Xu et al. 2019)."""

from __future__ import annotations

from functools import partial
from typing import final

import torch
from torch import Tensor

from dakit.builtin.numerics import homogeneous, over_domains
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
        return over_domains(batch, self._of)

    def _of(self, features: Tensor) -> Tensor:
        norms = homogeneous(partial(torch.linalg.vector_norm, dim=1), 1, features)
        loss: Tensor = (self._step + (norms.detach() - norms)).square().mean()
        return loss
