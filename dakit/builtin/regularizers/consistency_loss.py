"""Consistency of target predictions under strong augmentation (Sohn et al. 2020)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

from torch import Tensor
from torch.nn import functional

from dakit.builtin.numerics import at_least_float32, zero_with_graph
from dakit.builtin.regularizers.consistency import ConsistencySpec
from dakit.contracts import Batch, BuildContext, LossTerm, Need


@final
class Consistency(LossTerm):
    """Cross entropy of the second view with plain choices of the first; see ``ConsistencySpec``."""

    uses_source = False
    needs: frozenset[Need] = frozenset({"second_view"})

    def __init__(self, spec: ConsistencySpec, context: BuildContext) -> None:
        super().__init__()
        self._threshold = spec.threshold
        self._plain: Tensor | None = None

    def forward(self, batch: Batch) -> Tensor:
        """Return the loss over the target images; 0 with a graph where none is plain."""
        assert batch.target.second_view is not None  # needed
        strong = at_least_float32(batch.target.second_view.logits)
        if len(strong) == 0:
            self._plain = None
            return zero_with_graph(strong)
        loss, self._plain = of_plain_rows(batch.target.logits, strong, self._threshold)
        return loss

    def diagnostics(self) -> Mapping[str, Tensor]:
        """Return ``plain``, the share of target images whose prediction is a label."""
        return {} if self._plain is None else {"plain": self._plain}


def of_plain_rows(weak: Tensor, strong: Tensor, threshold: float | Tensor) -> tuple[Tensor, Tensor]:
    """Return the loss of logits ``strong (B, C)``, and the share of rows where ``weak`` is plain.

    That is where its greatest probability reaches ``threshold``: its class is their label.
    """
    confidence, labels = at_least_float32(weak.detach()).softmax(dim=1).max(dim=1)
    plain = confidence >= threshold
    losses = functional.cross_entropy(at_least_float32(strong), labels, reduction="none")
    return (losses * plain).mean(), plain.float().mean()
