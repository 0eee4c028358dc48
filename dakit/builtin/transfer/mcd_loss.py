"""Maximum classifier discrepancy (Saito et al. 2018)."""

from __future__ import annotations

from typing import final

from torch import Tensor
from torch.nn import functional

from dakit.builtin.numerics import at_least_float32, zero_with_graph
from dakit.builtin.transfer.mcd import MCDSpec
from dakit.contracts import Batch, BuildContext, LossTerm, Phase


@final
class MCD(LossTerm):
    """A second head, driven from the model's and brought back to it; see ``MCDSpec``."""

    def __init__(self, spec: MCDSpec, context: BuildContext) -> None:
        super().__init__()
        self.phases = (
            Phase("disagree", {"term", "head"}),
            Phase("agree", {"backbone"}, times=spec.repeats),
        )
        self.second = context.new_head("mcd second head")

    def forward(self, batch: Batch) -> Tensor:
        """Return the cross entropy of the second head on the source."""
        return functional.cross_entropy(self._logits(batch.source.features), batch.source.labels)

    def phase_loss(self, name: str, batch: Batch) -> Tensor:
        """Return the discrepancy, or for ``disagree`` the cross entropies less the discrepancy."""
        apart = self._discrepancy(batch)
        if name == "agree":
            return apart
        first = at_least_float32(batch.source.logits)
        return functional.cross_entropy(first, batch.source.labels) + self.forward(batch) - apart

    def _discrepancy(self, batch: Batch) -> Tensor:
        """Return the mean of ``|p - q|`` over target rows and classes; 0 without rows."""
        if len(batch.target.logits) == 0:
            return zero_with_graph(batch.target.features, batch.target.logits)
        first = at_least_float32(batch.target.logits).softmax(dim=1)
        return (first - self._logits(batch.target.features).softmax(dim=1)).abs().mean()

    def _logits(self, features: Tensor) -> Tensor:
        logits: Tensor = self.second(features.to(next(self.second.parameters()).dtype))
        return at_least_float32(logits)
