"""Contrastive domain discrepancy on clusters of the target (Kang et al. 2019)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor
from torch.nn import functional

from dakit.builtin.numerics import at_least_float32, full_precision, zero_with_graph
from dakit.builtin.transfer.cdd import CDDSpec
from dakit.builtin.transfer.kernels import gaussian_bank, heuristic, pair_distances
from dakit.contracts import Batch, BuildContext, EpochView, LossTerm, Need

NONE = -1
"""The label of a target row that is near no centre, and of all before the first epoch."""
MOST_ROUNDS = 100


@final
class CDD(LossTerm):
    """Classes drawn together and apart across the domains, features ``(B, D)``; see CDDSpec."""

    needs: frozenset[Need] = frozenset({"indices"})
    labels: Tensor

    def __init__(self, spec: CDDSpec, context: BuildContext) -> None:
        super().__init__()
        self._spec = spec
        self._classes = context.num_classes
        self.register_buffer("labels", torch.full((context.target_size,), NONE))

    def on_epoch_start(self, view: EpochView) -> None:
        """Cluster the target's rows."""
        source = _directions(view.source.features)
        members = functional.one_hot(view.source.labels, self._classes).to(source.dtype)
        target = _directions(view.target.features)
        labels, distances = clusters(target, members.T @ source)
        near = labels.where(distances < self._spec.distance, NONE)
        counts = torch.bincount(near[near != NONE], minlength=self._classes)
        self.labels.copy_(near.where((near != NONE) & (counts[near] >= self._spec.rows), NONE))

    def forward(self, batch: Batch) -> Tensor:
        """Return the discrepancy of the batch; 0 where fewer than two classes are in both."""
        assert batch.target.indices is not None  # needed
        source = at_least_float32(batch.source.features)
        target = at_least_float32(batch.target.features)
        labels = (batch.source.labels, self.labels[batch.target.indices])
        shared = [c for c in torch.unique(labels[0]).tolist() if bool((labels[1] == c).any())]
        if len(shared) < 2:
            return zero_with_graph(source, target)
        classes = torch.tensor(shared, device=source.device)
        kept = [torch.isin(of_side, classes) for of_side in labels]
        x, y = source[kept[0]], target[kept[1]]
        distances, counts = pair_distances(x, y)
        scale = heuristic(distances.detach(), "mean")
        kernel = gaussian_bank(distances[-counts[-1] :] / scale, self._spec.factors)
        weights = contrast(labels[0][kept[0]], labels[1][kept[1]], len(shared))
        return (kernel.view_as(weights) * weights.to(kernel.dtype)).sum()

    def diagnostics(self) -> Mapping[str, Tensor]:
        """Return ``labelled``, the share of all target rows that have a class."""
        return {"labelled": (self.labels != NONE).float().mean()} if len(self.labels) else {}


def contrast(source: Tensor, target: Tensor, classes: int) -> Tensor:
    """Return the weight of each pair of labels ``(n,)``, ``(m,)`` in the discrepancy, ``(n, m)``.

    ``2 / (M (M - 1) n_c m_d)`` of different classes, ``-2 / (M n_c m_c)`` of the same one.
    """
    size = int(torch.cat([source, target]).max()) + 1
    of_source, of_target = (torch.bincount(of, minlength=size)[of] for of in (source, target))
    same = (source[:, None] == target).double()
    return 2 / (classes * (classes - 1)) * (1 - classes * same) / (of_source[:, None] * of_target)


def clusters(directions: Tensor, centres: Tensor) -> tuple[Tensor, Tensor]:
    """Return the cluster of each direction ``(N, D)`` and its distance from the centre, ``(N,)``.

    Begins at ``centres (C, D)``, of any length; one of length 0 is never taken. A cluster that
    loses all rows keeps its centre.
    """
    centres, labels = functional.normalize(centres, dim=1), None
    empty = ~centres.any(dim=1)
    for _ in range(MOST_ROUNDS):
        with full_precision(directions):
            cosines = (directions @ centres.T).masked_fill(empty, -1)
        best, found = cosines.max(dim=1)
        if labels is not None and torch.equal(found, labels):
            break
        labels = found
        members = functional.one_hot(labels, len(centres)).to(directions.dtype)
        moved = functional.normalize(members.T @ directions, dim=1)
        centres = torch.where(moved.any(dim=1, keepdim=True), moved, centres)
    return found, (1 - best) / 2


def _directions(features: Tensor) -> Tensor:
    features = at_least_float32(features)
    largest = features.abs().amax(dim=1, keepdim=True)  # before squares over- or underflow
    return functional.normalize(features / largest.where(largest > 0, 1), dim=1)
