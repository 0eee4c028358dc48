"""Minimum class confusion (Jin et al. 2020)."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor

from dakit.builtin.numerics import (
    at_least_float32,
    entropies,
    full_precision,
    zero_with_graph,
)
from dakit.builtin.regularizers.mcc import MCCSpec
from dakit.contracts import Batch, BuildContext, LossTerm


@final
class MCC(LossTerm):
    """Confusion between the classes in target logits ``(B, C)``; see MCCSpec. 0 without rows."""

    uses_source = False

    def __init__(self, spec: MCCSpec, context: BuildContext) -> None:
        super().__init__()
        self._temperature = spec.temperature

    def forward(self, batch: Batch) -> Tensor:
        """Return the mean share of a class that others have."""
        logits = at_least_float32(batch.target.logits) / self._temperature
        if len(logits) == 0:
            return zero_with_graph(logits)
        predicted = logits.softmax(dim=1)
        plain = 1 + torch.exp(-entropies(logits.detach()))
        weights = plain * len(plain) / plain.sum()
        with full_precision(logits):
            confusion = (predicted * weights[:, None]).T @ predicted
        total = confusion.sum(dim=1)
        known = total > torch.finfo(total.dtype).tiny ** 0.5
        shares = confusion.diagonal() / torch.where(known, total, 1.0)
        return (1 - shares)[known].sum() / len(total)
