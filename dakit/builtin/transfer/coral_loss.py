"""Distance of covariances (Sun & Saenko 2016)."""

from __future__ import annotations

import math
from typing import final

import torch
from torch import Tensor

from dakit.builtin.numerics import (
    at_least_float32,
    full_precision,
    homogeneous,
    zero_with_graph,
)
from dakit.builtin.transfer.coral import CORALSpec
from dakit.contracts import Batch, BuildContext, LossTerm


@final
class CORAL(LossTerm):
    """Squared distance of the covariances of ``(n, D)`` and ``(m, D)``; see CORALSpec."""

    def __init__(self, spec: CORALSpec, context: BuildContext) -> None:
        super().__init__()

    def forward(self, batch: Batch) -> Tensor:
        """Return the distance; 0 where a domain has fewer than two rows."""
        source = at_least_float32(batch.source.features)
        target = at_least_float32(batch.target.features)
        if min(len(source), len(target)) < 2:
            return zero_with_graph(source, target)
        with full_precision(source):
            squared = homogeneous(_squared_distance, 4, source, target)
        return squared / (4 * source.shape[1] ** 2)


def _spread(rows: Tensor) -> Tensor:
    """Return ``Z (n, D)`` with the covariance ``Z^T Z``."""
    return (rows - rows.mean(dim=0)) / math.sqrt(len(rows) - 1)


def _squared_distance(source: Tensor, target: Tensor) -> Tensor:
    """Return ``|C_S - C_T|_F^2``.

    With more features than rows by the Gram matrix of the rows: a covariance of 2,592 features
    would take 400 times the products of 128 rows.
    """
    source, target = _spread(source), _spread(target)
    if source.shape[1] <= len(source) + len(target):
        return (source.T @ source - target.T @ target).square().sum()
    rows = torch.cat([source, target])
    signs = torch.cat([source.new_ones(len(source)), -target.new_ones(len(target))])
    squared: Tensor = signs @ (rows @ rows.T).square() @ signs
    return squared.clamp(min=0)  # by rounding alone it is below
