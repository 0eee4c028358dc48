"""Information maximisation (Krause et al. 2010; Liang et al. 2020)."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor

from dakit.builtin.numerics import at_least_float32, entropies, zero_with_graph
from dakit.builtin.regularizers.information_maximization import InformationMaximizationSpec
from dakit.contracts import Batch, BuildContext, LossTerm


@final
class InformationMaximization(LossTerm):
    """Entropy of target rows ``(B, C)`` less that of their mean; see its spec. 0 without rows."""

    uses_source = False

    def __init__(self, spec: InformationMaximizationSpec, context: BuildContext) -> None:
        super().__init__()
        self._diversity = spec.diversity

    def forward(self, batch: Batch) -> Tensor:
        """Return the mean entropy less ``diversity`` times the entropy of the mean."""
        logits = at_least_float32(batch.target.logits)
        if len(logits) == 0:
            return zero_with_graph(logits)
        # the mean in logarithms: a class that no row has keeps a finite gradient
        mean = torch.log_softmax(logits, dim=1).logsumexp(dim=0, keepdim=True)
        return entropies(logits).mean() - self._diversity * entropies(mean).squeeze(0)
