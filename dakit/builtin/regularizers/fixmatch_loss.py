"""FixMatch on both domains (Sohn et al. 2020; Berthelot et al. 2022)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

from torch import Tensor
from torch.nn import functional

from dakit.builtin.numerics import at_least_float32, zero_with_graph
from dakit.builtin.regularizers.consistency_loss import of_plain_rows
from dakit.builtin.regularizers.fixmatch import FixMatchSpec
from dakit.contracts import Batch, BuildContext, LossTerm, Need, SourceSide


@final
class FixMatch(LossTerm):
    """Cross entropies of the second views with labels and plain predictions; see the spec."""

    honours_weights = True
    needs: frozenset[Need] = frozenset({"second_view", "source_second_view"})

    def __init__(self, spec: FixMatchSpec, context: BuildContext) -> None:
        super().__init__()
        self._spec = spec
        self._plain: Tensor | None = None

    def forward(self, batch: Batch) -> Tensor:
        """Return the loss over both domains; a domain without rows adds 0 with a graph."""
        source, second = batch.source, batch.target.second_view
        assert second is not None  # needed
        loss = self._spec.source * _of_labels(source)
        self._plain = None
        if len(second.logits) == 0:
            return loss + zero_with_graph(second.logits)
        of_target, self._plain = of_plain_rows(
            batch.target.logits, second.logits, self._threshold(source)
        )
        return loss + of_target

    def diagnostics(self) -> Mapping[str, Tensor]:
        """Return ``plain``, the share of target images whose prediction is a label."""
        return {} if self._plain is None else {"plain": self._plain}

    def _threshold(self, source: SourceSide) -> float | Tensor:
        if not self._spec.relative or len(source.logits) == 0:
            return self._spec.threshold
        sure = at_least_float32(source.logits.detach()).softmax(dim=1).max(dim=1).values
        return self._spec.threshold * sure.mean()


def _of_labels(source: SourceSide) -> Tensor:
    assert source.second_view is not None  # needed
    logits = at_least_float32(source.second_view.logits)
    if len(logits) == 0:
        return zero_with_graph(logits)
    losses = functional.cross_entropy(logits, source.labels, reduction="none")
    return (losses if source.weights is None else losses * source.weights).mean()
