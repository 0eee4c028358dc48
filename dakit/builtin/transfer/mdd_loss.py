"""Margin disparity discrepancy (Zhang et al. 2019)."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor
from torch.nn import functional

from dakit.builtin.numerics import at_least_float32, zero_with_graph
from dakit.builtin.transfer.mdd import MDDSpec
from dakit.contracts import Batch, BuildContext, LossTerm, SourceSide, TargetSide
from dakit.contracts.gradient_reversal import reversal_strength, reverse_gradient


@final
class MDD(LossTerm):
    """An adversarial head behind a gradient reversal; see ``MDDSpec``. 0 without target rows."""

    def __init__(self, spec: MDDSpec, context: BuildContext) -> None:
        super().__init__()
        self._spec = spec
        self.head = context.new_head("mdd adversarial head")

    def forward(self, batch: Batch) -> Tensor:
        """Return ``gamma mean -log p'(h)`` of the source and ``mean -log(1 - p'(h))``."""
        source, target = batch.source, batch.target
        if len(target.features) == 0:
            return zero_with_graph(source.features, target.features)
        agreement = functional.cross_entropy(
            self._logits(source, batch.progress), source.logits.argmax(dim=1)
        )
        others = log_others(self._logits(target, batch.progress), target.logits.argmax(dim=1))
        return self._spec.gamma * agreement - others.mean()

    def lr_multiplier(self, parameter_name: str) -> float:
        """Return the factor on the learning rate of the adversarial head."""
        return self._spec.lr_multiplier

    def _logits(self, side: SourceSide | TargetSide, progress: float) -> Tensor:
        strength = reversal_strength(self._spec.schedule, self._spec.reversal, progress)
        own_type = next(self.head.parameters()).dtype
        logits: Tensor = self.head(reverse_gradient(side.features, strength).to(own_type))
        return at_least_float32(logits)


def log_others(logits: Tensor, chosen: Tensor) -> Tensor:
    """Return ``log(1 - softmax(logits)_chosen)`` ``(B,)`` of logits ``(B, C)``, never NaN."""
    rest = logits.scatter(1, chosen[:, None], -torch.inf)
    return rest.logsumexp(dim=1) - logits.logsumexp(dim=1)
