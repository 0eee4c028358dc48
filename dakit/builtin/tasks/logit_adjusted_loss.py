"""Logit-adjusted cross entropy (Menon et al. 2021)."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor
from torch.nn import functional

from dakit.builtin.numerics import at_least_float32
from dakit.builtin.tasks.cross_entropy_loss import known_counts, mean_over_rows
from dakit.builtin.tasks.logit_adjusted import LogitAdjustedSpec
from dakit.contracts import Batch, BuildContext, LossTerm


@final
class LogitAdjusted(LossTerm):
    """Cross entropy of logits ``(B, C)`` moved by the log shares; see ``LogitAdjustedSpec``.

    Raises:
        InputError: the class counts of the source are not known.
    """

    uses_target = False
    honours_weights = True
    adjustment: Tensor

    def __init__(self, spec: LogitAdjustedSpec, context: BuildContext) -> None:
        super().__init__()
        counts = torch.tensor(known_counts(context, spec.name), dtype=torch.float64).clamp(min=1)
        adjustment = spec.tau * (counts / counts.sum()).log()
        self.register_buffer("adjustment", adjustment, persistent=False)

    def forward(self, batch: Batch) -> Tensor:
        """Return the mean over the source rows."""
        logits = at_least_float32(batch.source.logits)
        moved = logits + self.adjustment.to(logits.dtype)
        losses = functional.cross_entropy(moved, batch.source.labels, reduction="none")
        return mean_over_rows(batch, losses, None)
