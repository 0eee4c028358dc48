"""Focal loss (Lin et al. 2017)."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor
from torch.nn import functional

from dakit.builtin.numerics import at_least_float32
from dakit.builtin.tasks.cross_entropy_loss import class_weights, mean_over_rows
from dakit.builtin.tasks.focal import FocalSpec
from dakit.contracts import Batch, BuildContext, LossTerm


@final
class Focal(LossTerm):
    """Focal loss of source logits ``(B, C)`` and labels ``(B,)``; see FocalSpec."""

    uses_target = False
    honours_weights = True
    weights: Tensor | None

    def __init__(self, spec: FocalSpec, context: BuildContext) -> None:
        super().__init__()
        weights = class_weights(spec.name, spec.class_weights, context)
        self.register_buffer("weights", weights, persistent=False)
        self._gamma = spec.gamma

    def forward(self, batch: Batch) -> Tensor:
        """Return the weighted mean over the source rows."""
        logits = at_least_float32(batch.source.logits)
        unlikely = functional.cross_entropy(logits, batch.source.labels, reduction="none")
        missing = -torch.expm1(-unlikely)
        # 0^gamma has no slope below gamma 1; a row that is learned has nothing to give either
        missing = missing.clamp(min=torch.finfo(missing.dtype).tiny)
        losses = unlikely * missing**self._gamma
        weights = None if self.weights is None else self.weights.to(losses.dtype)
        if weights is not None:
            losses = losses * weights[batch.source.labels]
        return mean_over_rows(batch, losses, weights)
