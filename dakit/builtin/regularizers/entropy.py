"""Entropy of the predictions."""

from __future__ import annotations

from typing import Literal, final

import torch
from torch import Tensor

from dakit.builtin.numerics import entropies, zero_with_graph
from dakit.contracts import Batch, LossTerm


@final
class Entropy(LossTerm):
    """Mean entropy of the softmax of the logits; see EntropySpec. 0 where there are no rows."""

    def __init__(self, on: Literal["target", "source", "both"]) -> None:
        super().__init__()
        self._on = on
        self.uses_target = on != "source"

    def forward(self, batch: Batch) -> Tensor:
        """Return the mean entropy of the chosen rows."""
        logits = self._logits(batch)
        return entropies(logits).mean() if len(logits) else zero_with_graph(logits)

    def _logits(self, batch: Batch) -> Tensor:
        if self._on == "both":
            return torch.cat([batch.source.logits, batch.target.logits])
        return batch.source.logits if self._on == "source" else batch.target.logits
