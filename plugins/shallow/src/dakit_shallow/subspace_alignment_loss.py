"""Subspace alignment (Fernando et al. 2013)."""

from __future__ import annotations

from typing import final

import numpy as np

from dakit.contracts import BuildContext
from dakit_shallow.fitted import ProjectedTerm
from dakit_shallow.rules import Labels, Rows
from dakit_shallow.subspace_alignment import SubspaceAlignment


@final
class SubspaceAlignmentMethod(ProjectedTerm):
    """A classifier of source rows in the subspace of the target; see ``SubspaceAlignment``."""

    def __init__(self, spec: SubspaceAlignment, context: BuildContext) -> None:
        super().__init__(spec, context, min(context.source_size, context.target_size))

    def fit(self, source: Rows, labels: Labels, target: Rows) -> None:
        """Find the axes, then fit the classifier to the aligned rows."""
        of_source, of_target = (principal_axes(rows, self.components) for rows in (source, target))
        centred = source - source.mean(axis=0)
        self.rule.look_from(target.mean(axis=0), of_target)
        self.rule.fit(centred @ of_source @ of_source.T @ of_target, labels)


def principal_axes(rows: Rows, count: int) -> Rows:
    """Return the first ``count`` principal axes of ``rows (n, D)`` as columns ``(D, count)``."""
    axes: Rows = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)[2]
    return axes[:count].T
