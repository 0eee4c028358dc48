"""Alignment of moving class centroids (Xie et al. 2018)."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor, nn

from dakit.builtin.numerics import at_least_float32, class_means, zero_with_graph
from dakit.builtin.transfer.semantic_alignment import SemanticAlignmentSpec
from dakit.contracts import Batch, BuildContext, LossTerm


@final
class SemanticAlignment(LossTerm):
    """Squared distance of the domains' class centroids; see ``SemanticAlignmentSpec``.

    0 where no class has been seen in both domains.
    """

    def __init__(self, spec: SemanticAlignmentSpec, context: BuildContext) -> None:
        super().__init__()
        self._classes = context.num_classes
        self.source = _Centroids(spec.memory, context)
        self.target = _Centroids(spec.memory, context)

    def forward(self, batch: Batch) -> Tensor:
        """Return the sum over the classes of the squared distance of their centroids."""
        labels = batch.target.logits.argmax(dim=1)
        source, in_source = self.source(batch.source.features, batch.source.labels)
        target, in_target = self.target(batch.target.features, labels)
        both = in_source & in_target
        if not both.any():
            return zero_with_graph(batch.source.features, batch.target.features)
        distance: Tensor = (source - target)[both].square().sum()
        return distance


@final
class _Centroids(nn.Module):
    """The moving centroids ``(C, D)`` of one domain, and which classes were ever seen."""

    centroids: Tensor
    seen: Tensor

    def __init__(self, memory: float, context: BuildContext) -> None:
        super().__init__()
        self._memory = memory
        self.register_buffer("centroids", torch.zeros(context.num_classes, context.feature_dim))
        self.register_buffer("seen", torch.zeros(context.num_classes, dtype=torch.bool))

    def forward(self, features: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Return the centroids after this batch and which exist; keep them while training."""
        features = at_least_float32(features)
        before, seen = self.centroids.to(features.dtype), self.seen
        means, present = class_means(features, labels, len(seen))
        moved = self._memory * before + (1 - self._memory) * means
        now = torch.where((present & seen)[:, None], moved, before)
        now = torch.where((present & ~seen)[:, None], means, now)
        if self.training:
            self.centroids = now.detach().to(self.centroids.dtype)
            self.seen = seen | present
        return now, seen | present
