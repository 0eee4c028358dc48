"""Transfer component analysis (Pan et al. 2011)."""

from __future__ import annotations

from typing import final

import numpy as np
from scipy.linalg import eigh

from dakit.contracts import BuildContext
from dakit_shallow.fitted import ProjectedTerm
from dakit_shallow.rules import Labels, Rows
from dakit_shallow.tca import TCA


@final
class TCAMethod(ProjectedTerm):
    """A classifier of source rows in the space of the components; see ``TCA``."""

    def __init__(self, spec: TCA, context: BuildContext) -> None:
        super().__init__(spec, context, context.source_size + context.target_size)
        self._regularization = spec.regularization

    def fit(self, source: Rows, labels: Labels, target: Rows) -> None:
        """Find the components, then fit the classifier to the projected rows."""
        projection = transfer_components(source, target, self.components, self._regularization)
        self.rule.look_from(np.zeros(source.shape[1]), projection)
        self.rule.fit(source @ projection, labels)


def transfer_components(source: Rows, target: Rows, count: int, regularization: float) -> Rows:
    """Return the projection ``X^T W (D, count)`` of the spec ``TCA``; projected rows are of size 1.

    With ``u = K e`` the matrix ``K L K + mu I = u u^T + mu I`` has the inverse root
    ``(I + c u u^T) / sqrt(mu)``, so that one symmetric eigenproblem is left.
    """
    rows = np.concatenate([source, target])
    kernel = rows @ rows.T
    share = np.repeat([1 / len(source), -1 / len(target)], [len(source), len(target)])
    apart = kernel @ share
    squared = max(float(apart @ apart), np.finfo(np.float64).tiny)
    factor = (1 / np.sqrt(1 + squared / regularization) - 1) / squared

    def scaled(matrix: Rows) -> Rows:
        shrunk = matrix + factor * np.outer(apart, apart @ matrix)
        found: Rows = shrunk / np.sqrt(regularization)
        return found

    spread = kernel @ (kernel - kernel.mean(axis=0))
    last = len(rows) - 1
    vectors = eigh(scaled(scaled(spread).T), subset_by_index=[last - count + 1, last])[1]
    projection: Rows = rows.T @ scaled(vectors)[:, ::-1]
    return projection / (np.sqrt(np.square(rows @ projection).mean()) or 1.0)
