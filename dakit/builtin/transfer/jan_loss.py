"""Joint MMD of features and predictions (Long et al. 2017)."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor

from dakit.builtin.numerics import at_least_float32, zero_with_graph
from dakit.builtin.transfer.jan import JANSpec
from dakit.builtin.transfer.kernels import (
    biased_mmd,
    gaussian_bank,
    heuristic,
    pair_distances,
)
from dakit.contracts import Batch, BuildContext, LossTerm


@final
class JAN(LossTerm):
    """Joint MMD of features ``(n, D)`` and logits ``(n, C)``; see JANSpec. 0 on an empty domain."""

    def __init__(self, spec: JANSpec, context: BuildContext) -> None:
        super().__init__()
        self._spec = spec

    def forward(self, batch: Batch) -> Tensor:
        """Return the squared joint MMD."""
        sides = (batch.source, batch.target)
        source, target = (at_least_float32(side.features) for side in sides)
        if min(len(source), len(target)) == 0:
            return zero_with_graph(*(t for side in sides for t in (side.features, side.logits)))
        distances, counts = pair_distances(source, target)
        predicted, _ = pair_distances(*(at_least_float32(side.logits).softmax(1) for side in sides))
        bank = gaussian_bank(distances / heuristic(distances.detach(), "mean"), self._spec.factors)
        kernel = bank * gaussian_bank(predicted, (self._spec.predictions / 2,))
        sums = [part.sum() for part in torch.split(kernel, list(counts))]
        return biased_mmd(sums, len(source), len(target), len(self._spec.factors))
