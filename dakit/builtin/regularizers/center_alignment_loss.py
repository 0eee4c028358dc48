"""Alignment of the batch's class centres (Deng et al. 2019)."""

from __future__ import annotations

from typing import final

from torch import Tensor

from dakit.builtin.numerics import at_least_float32, class_means, zero_with_graph
from dakit.builtin.regularizers.center_alignment import CenterAlignmentSpec
from dakit.contracts import Batch, BuildContext, LossTerm


@final
class CenterAlignment(LossTerm):
    """Mean squared distance of class centres, features ``(B, D)``; see CenterAlignmentSpec."""

    def __init__(self, spec: CenterAlignmentSpec, context: BuildContext) -> None:
        super().__init__()
        self._threshold = spec.threshold
        self._classes = context.num_classes

    def forward(self, batch: Batch) -> Tensor:
        """Return the mean over the classes that both domains have."""
        source, target = (at_least_float32(s.features) for s in (batch.source, batch.target))
        plain, labels = at_least_float32(batch.target.logits).detach().softmax(dim=1).max(dim=1)
        kept = plain >= self._threshold
        centres, in_source = class_means(source, batch.source.labels, self._classes)
        others, in_target = class_means(target[kept], labels[kept], self._classes)
        both = in_source & in_target
        if not both.any():
            return zero_with_graph(source, target)
        distance: Tensor = (centres - others)[both].square().sum(dim=1).mean()
        return distance
