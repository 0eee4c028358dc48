"""The harmonic mean of the accuracies of known classes and of the unknown (Fu et al. 2020)."""

from __future__ import annotations

from typing import final

import numpy as np
from numpy.typing import NDArray

from dakit.builtin.metrics.h_score import HScoreSpec
from dakit.builtin.metrics.open_set import KnownClasses
from dakit.contracts import BuildContext


@final
class HScore:
    """The harmonic mean; see ``HScoreSpec``."""

    def __init__(self, spec: HScoreSpec, context: BuildContext) -> None:
        self._known = KnownClasses(context)

    def __call__(self, labels: NDArray[np.int64], probabilities: NDArray[np.float64]) -> float:
        """Return the H-score; NaN without rows of known and unknown classes."""
        right, found = self._known.accuracies(labels, probabilities)
        if not len(right) or np.isnan(found):
            return np.nan
        known = float(right.mean())
        return 2 * known * found / (known + found) if known + found else 0.0
