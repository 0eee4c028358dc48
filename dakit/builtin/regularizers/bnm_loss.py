"""Batch nuclear-norm maximisation (Cui et al. 2020)."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor

from dakit.builtin.numerics import at_least_float32, zero_with_graph
from dakit.builtin.regularizers.bnm import BNMSpec
from dakit.contracts import Batch, BuildContext, LossTerm


@final
class BNM(LossTerm):
    """Negative nuclear norm of the target predictions ``(B, C)``; see BNMSpec. 0 without rows."""

    uses_source = False

    def __init__(self, spec: BNMSpec, context: BuildContext) -> None:
        super().__init__()

    def forward(self, batch: Batch) -> Tensor:
        """Return the negative nuclear norm over the number of rows."""
        logits = at_least_float32(batch.target.logits)
        if len(logits) == 0:
            return zero_with_graph(logits)
        norm: Tensor = torch.linalg.svdvals(logits.softmax(dim=1)).sum()
        return -norm / len(logits)
