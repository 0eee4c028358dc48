"""The loss itself."""

from __future__ import annotations

from typing import final

import torch
from dakit.contracts import Batch, BuildContext, LossTerm
from torch import Tensor

from dakit_deep_coral.deep_coral import DeepCoral


@final
class DeepCoralLoss(LossTerm):
    """Squared distance of the covariances of both domains; see ``DeepCoral``."""

    def __init__(self, spec: DeepCoral, context: BuildContext) -> None:
        super().__init__()
        self._layer = spec.layer

    def forward(self, batch: Batch) -> Tensor:
        """Return the loss as a scalar, before its weight."""
        source, target = getattr(batch.source, self._layer), getattr(batch.target, self._layer)
        difference = covariance(source) - covariance(target)
        return difference.square().sum() / (4 * len(difference) ** 2)


def covariance(rows: Tensor) -> Tensor:
    """Return the unbiased covariance ``(d, d)`` of ``rows (n, d)``; 0 for a single row."""
    # half precision has too few digits for differences of means
    rows = rows.to(torch.promote_types(rows.dtype, torch.float32))
    centred = rows - rows.mean(dim=0)
    return centred.T @ centred / max(len(rows) - 1, 1)
