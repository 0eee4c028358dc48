"""Distance of covariances (Sun & Saenko 2016)."""

from __future__ import annotations

import math
from typing import final

import torch
from torch import Tensor

from dakit.builtin.numerics import (
    at_least_float32,
    common_scale,
    full_precision,
    scaled_back,
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
        scale = common_scale(source, target)
        rows = [_spread(domain / scale) for domain in (source, target)]
        with full_precision(source):
            squared = _squared_distance(*rows)
        return scaled_back(squared / (4 * source.shape[1] ** 2), scale, 4)


def _spread(rows: Tensor) -> Tensor:
    """Return ``Z (n, D)`` with the covariance ``Z^T Z``."""
    return (rows - rows.mean(dim=0)) / math.sqrt(len(rows) - 1)


def _squared_distance(source: Tensor, target: Tensor) -> Tensor:
    """Return ``|Z_S^T Z_S - Z_T^T Z_T|_F^2``.

    With more features than rows by the Gram matrix of the rows: a covariance of 2,592 features
    would take 400 times the products of 128 rows.
    """
    if source.shape[1] <= len(source) + len(target):
        return (source.T @ source - target.T @ target).square().sum()
    rows = torch.cat([source, target])
    signs = torch.cat([source.new_ones(len(source)), -target.new_ones(len(target))])
    squared: Tensor = signs @ (rows @ rows.T).square() @ signs
    return squared.clamp(min=0)  # by rounding alone it is below
