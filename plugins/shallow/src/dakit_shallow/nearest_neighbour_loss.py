"""The class of the nearest source row."""

from __future__ import annotations

from typing import final

from dakit.contracts import BuildContext
from dakit_shallow.fitted import FittedTerm
from dakit_shallow.nearest_neighbour import NearestNeighbour
from dakit_shallow.rules import Labels, NearestRule, Rows


@final
class NearestNeighbourTask(FittedTerm):
    """Keeps the source rows ``(n, D)``; see ``NearestNeighbour``."""

    uses_target = False

    def __init__(self, spec: NearestNeighbour, context: BuildContext) -> None:
        super().__init__()
        self.rule = NearestRule(context.feature_dim, context.num_classes, context.source_size)

    def fit(self, source: Rows, labels: Labels, target: Rows) -> None:
        """Keep the rows; the target does not matter."""
        self.rule.fit(source, labels)
