"""Correlation alignment (Sun et al. 2016)."""

from __future__ import annotations

from typing import final

import numpy as np
from numpy.typing import NDArray

from dakit.contracts import BuildContext
from dakit_shallow.coral_map import CoralMap
from dakit_shallow.fitted import MappedTerm
from dakit_shallow.rules import Labels, Rows


@final
class CoralMapMethod(MappedTerm):
    """A classifier of source rows with the target's covariance; see ``CoralMap``."""

    def __init__(self, spec: CoralMap, context: BuildContext) -> None:
        super().__init__(spec, context)
        self._regularization = spec.regularization

    def fit(self, source: Rows, labels: Labels, target: Rows) -> None:
        """Fit the classifier to the mapped rows."""
        self.rule.fit(source @ coral(source, target, self._regularization), labels)


def coral(source: Rows, target: Rows, regularization: float) -> Rows:
    """Return ``(C_S + r I)^{-1/2} (C_T + r I)^{1/2} (D, D)`` of rows ``(n, D)``, ``(m, D)``."""
    whiten = power(covariance(source, regularization), -0.5)
    colour = power(covariance(target, regularization), 0.5)
    found: Rows = whiten @ colour
    return found


def covariance(rows: Rows, regularization: float) -> Rows:
    """Return the unbiased covariance of ``rows (n, D)`` plus ``regularization`` times I."""
    centred = rows - rows.mean(axis=0)
    found: Rows = centred.T @ centred / max(1, len(rows) - 1)
    found[np.diag_indices_from(found)] += regularization
    return found


def power(matrix: Rows, exponent: float) -> Rows:
    """Return a power of a symmetric, positive matrix."""
    values, vectors = np.linalg.eigh(matrix)
    found: NDArray[np.float64] = (vectors * values**exponent) @ vectors.T
    return found
