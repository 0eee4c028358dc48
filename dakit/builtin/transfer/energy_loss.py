"""The energy distance (Székely & Rizzo 2013)."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor

from dakit.builtin.numerics import (
    at_least_float32,
    homogeneous,
    zero_with_graph,
)
from dakit.builtin.transfer.energy import EnergySpec
from dakit.builtin.transfer.kernels import pair_distances
from dakit.contracts import Batch, BuildContext, LossTerm


@final
class Energy(LossTerm):
    """Energy distance of ``(n, D)`` and ``(m, D)``; see EnergySpec. 0 where a domain is empty."""

    def __init__(self, spec: EnergySpec, context: BuildContext) -> None:
        super().__init__()

    def forward(self, batch: Batch) -> Tensor:
        """Return the distance."""
        source = at_least_float32(batch.source.features)
        target = at_least_float32(batch.target.features)
        if min(len(source), len(target)) == 0:
            return zero_with_graph(source, target)
        return homogeneous(_distance, 1, source, target)


def _distance(source: Tensor, target: Tensor) -> Tensor:
    n, m = len(source), len(target)
    squared, counts = pair_distances(source, target)
    within_source, within_target, between = (
        part.sum() for part in torch.split(_root(squared), list(counts))
    )
    return 2 * (between / (n * m) - within_source / n**2 - within_target / m**2)


def _root(squared: Tensor) -> Tensor:
    """Return the root, with gradient 0 where it is 0."""
    positive = squared > 0
    return torch.where(positive, squared, 1.0).sqrt() * positive
