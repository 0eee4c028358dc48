"""Moment matching between several sources and a target (Peng et al. 2019)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import final

import torch
from torch import Tensor

from dakit.builtin.numerics import (
    at_least_float32,
    common_scale,
    scaled_back,
    zero_with_graph,
)
from dakit.builtin.transfer.moment_matching import MomentMatchingSpec
from dakit.contracts import Batch, BuildContext, LossTerm, Need


@final
class MomentMatching(LossTerm):
    """Distances of the domains' moments; see ``MomentMatchingSpec``. 0 without target rows."""

    needs: frozenset[Need] = frozenset({"source_domains"})

    def __init__(self, spec: MomentMatchingSpec, context: BuildContext) -> None:
        super().__init__()
        self._powers = range(1, spec.moments + 1)
        self._domains = range(context.num_source_domains)

    def forward(self, batch: Batch) -> Tensor:
        """Return the sum over the moments of the mean distances."""
        source = at_least_float32(batch.source.features)
        target = at_least_float32(batch.target.features)
        domains = batch.source.domains
        assert domains is not None  # needed
        if len(target) == 0:
            return zero_with_graph(source, target)
        scale = common_scale(source, target)
        source, target = source / scale, target / scale
        by_domain = [rows for d in self._domains if len(rows := source[domains == d])]
        distances = []
        for power in self._powers:
            means = [(rows**power).mean(dim=0) for rows in by_domain]
            goal = (target**power).mean(dim=0)
            pairs = [[(mean, goal) for mean in means], list(combinations(means, 2))]
            distances += [scaled_back(_mean_distance(of), scale, power) for of in pairs if of]
        return torch.stack(distances).sum()


def _mean_distance(pairs: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
    differences = torch.stack([one - other for one, other in pairs])
    distance: Tensor = torch.linalg.vector_norm(differences, dim=1).mean()
    return distance
