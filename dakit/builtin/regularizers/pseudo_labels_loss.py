"""Pseudo-labels of the target from class centroids, renewed every epoch (Liang et al. 2020)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor
from torch.nn import functional

from dakit.builtin.numerics import at_least_float32, zero_with_graph
from dakit.builtin.regularizers.pseudo_labels import PseudoLabelsSpec
from dakit.contracts import Batch, BuildContext, EpochView, LossTerm, Need

NONE = -1
"""The label of a row before the first epoch begins."""


@final
class PseudoLabels(LossTerm):
    """Cross entropy of target logits ``(B', C)`` and pseudo-labels; see ``PseudoLabelsSpec``.

    0 where no row of the batch has a label.
    """

    uses_source = False
    needs: frozenset[Need] = frozenset({"indices"})
    labels: Tensor

    def __init__(self, spec: PseudoLabelsSpec, context: BuildContext) -> None:
        super().__init__()
        self.register_buffer("labels", torch.full((context.target_size,), NONE))
        self._labelled: Tensor | None = None

    def on_epoch_start(self, view: EpochView) -> None:
        """Give every target row its label for the epoch."""
        self.labels.copy_(centroid_labels(view.target.features, view.target.logits))

    def forward(self, batch: Batch) -> Tensor:
        """Return the mean cross entropy of the labelled rows."""
        assert batch.target.indices is not None  # needed
        labels = self.labels[batch.target.indices]
        known = labels != NONE
        self._labelled = known.float().mean() if len(known) else None
        logits = at_least_float32(batch.target.logits)[known]
        if len(logits) == 0:
            return zero_with_graph(batch.target.logits)
        return functional.cross_entropy(logits, labels[known])

    def diagnostics(self) -> Mapping[str, Tensor]:
        """Return ``labelled``, the share of target rows that have a label."""
        return {} if self._labelled is None else {"labelled": self._labelled}


def centroid_labels(features: Tensor, logits: Tensor) -> Tensor:
    """Return the pseudo-labels ``(N,)`` of features ``(N, D)`` with predictions ``(N, C)``."""
    directions = functional.normalize(at_least_float32(features), dim=1)
    features = at_least_float32(features)
    soft = at_least_float32(logits).softmax(dim=1)
    labels = _nearest(directions, soft.T @ features, soft.sum(dim=0))
    hard = functional.one_hot(labels, logits.shape[1]).to(features.dtype)
    return _nearest(directions, hard.T @ features, hard.sum(dim=0))


def _nearest(directions: Tensor, sums: Tensor, counts: Tensor) -> Tensor:
    """Return the class of the centroid at the least angle, among the classes that have one.

    A centroid is the sum over its count; its direction is that of the sum.
    """
    cosines = directions @ functional.normalize(sums, dim=1).T
    return cosines.masked_fill(counts == 0, -torch.inf).argmax(dim=1)
