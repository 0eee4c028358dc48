"""SIDDA's weights of task and transfer loss, learned with the network (Pandya et al. 2025)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional

from dakit.contracts import SourceSide
from dakit_optimal_transport.samples import at_least_float32

LEAST_TASK = 1e-3
LEAST_RATIO = 0.25


@final
class DynamicWeights(nn.Module):
    """The spreads ``a`` of the task and ``b`` of the transfer loss; see the spec of sinkhorn."""

    def __init__(self) -> None:
        super().__init__()
        self.task = nn.Parameter(torch.ones(()))
        self.transfer = nn.Parameter(torch.ones(()))

    def of_task(self) -> Tensor:
        """Return ``1 / (2 a^2)``, a scalar."""
        self._keep_in_bounds()
        return 1 / (2 * self.task.square())

    def forward(self, divergence: Tensor, source: SourceSide) -> Tensor:
        """Return ``S / (2 b^2) + log(a b)``, a scalar whose gradient is that of the total for a.

        The task loss itself is another term's. Its part of the gradient of ``a`` comes from the
        batch's cross entropy, as a constant, in a summand that is 0.
        """
        share = self.of_task()
        logits = at_least_float32(source.logits).detach()
        task = functional.cross_entropy(logits, source.labels)
        learns = task * (share - share.detach())
        spread = self.transfer
        return divergence / (2 * spread.square()) + (self.task * spread).log() + learns

    def values(self) -> Mapping[str, Tensor]:
        """Return both, without a graph."""
        return {"task_spread": self.task.detach(), "transfer_spread": self.transfer.detach()}

    def _keep_in_bounds(self) -> None:
        with torch.no_grad():
            self.task.clamp_(min=LEAST_TASK)
            self.transfer.clamp_(min=LEAST_RATIO * self.task.detach().item())
