"""Entropy of the predictions."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor

from dakit.builtin.numerics import entropies, zero_with_graph
from dakit.builtin.regularizers.entropy import EntropySpec
from dakit.contracts import Batch, BuildContext, LossTerm


@final
class Entropy(LossTerm):
    """Mean entropy of the softmax of the logits; see ``EntropySpec``. 0 where there are no rows."""

    def __init__(self, spec: EntropySpec, context: BuildContext) -> None:
        super().__init__()
        self._on = spec.on
        self.uses_target = spec.on != "source"
        self.uses_source = spec.on != "target"

    def forward(self, batch: Batch) -> Tensor:
        """Return the mean entropy of the chosen rows."""
        logits = self._logits(batch)
        return entropies(logits).mean() if len(logits) else zero_with_graph(logits)

    def _logits(self, batch: Batch) -> Tensor:
        if self._on == "both":
            return torch.cat([batch.source.logits, batch.target.logits])
        return batch.source.logits if self._on == "source" else batch.target.logits
