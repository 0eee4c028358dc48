"""Test-time entropy minimisation (Wang et al. 2021) with a reset (Niu et al. 2023)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor

from dakit.builtin.numerics import entropies, zero_with_graph
from dakit.builtin.transfer.tent import TentSpec
from dakit.contracts import Batch, BuildContext, LossTerm

KEPT = 0.9
"""Of the moving average, in each step."""
UNSEEN = -1.0
"""No entropy."""


@final
class Tent(LossTerm):
    """Mean entropy of the reliable target rows ``(B', C)``; see ``TentSpec``. 0 without them.

    The moving average is below 0 where nothing has been seen since the start.
    """

    uses_source = False
    average: Tensor
    restarts: Tensor

    def __init__(self, spec: TentSpec, context: BuildContext) -> None:
        super().__init__()
        most = math.log(max(2, context.num_classes))
        self._reliable = spec.reliable * most if spec.reliable < 1 else math.inf
        self._reset = spec.reset * most
        self.register_buffer("average", torch.tensor(UNSEEN))
        self.register_buffer("restarts", torch.zeros(()))
        self._counted: Tensor | None = None

    def forward(self, batch: Batch) -> Tensor:
        """Return the mean entropy of the rows that count."""
        logits = batch.target.logits
        of_rows = entropies(logits)
        counts = of_rows < self._reliable
        self._counted = counts.float().mean() if len(counts) else None
        kept = of_rows[counts]
        if len(kept) == 0:
            return zero_with_graph(logits)
        loss = kept.mean()
        if self.training:
            new = loss.detach().to(self.average.dtype)
            before = torch.where(self.average < 0, new, self.average)
            self.average = KEPT * before + (1 - KEPT) * new
        return loss

    def starts_over(self) -> bool:
        """Return whether the moving average has fallen below the bound, and forget it then."""
        if not bool((self.average >= 0) & (self.average < self._reset)):
            return False
        self.average = torch.full_like(self.average, UNSEEN)
        self.restarts = self.restarts + 1
        return True

    def diagnostics(self) -> Mapping[str, Tensor]:
        """Return ``counted``, the share of rows that count, and ``restarts`` so far."""
        counted = {} if self._counted is None else {"counted": self._counted}
        return {**counted, "restarts": self.restarts}
