"""A number that says how well a model does."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray


@runtime_checkable
class Metric(Protocol):
    """Measures predictions against labels."""

    def __call__(self, labels: NDArray[np.int64], probabilities: NDArray[np.float64]) -> float:
        """Return the metric of ``probabilities (N, C)`` against ``labels (N,)``.

        NaN where it is undefined, as of no rows or one class. It is called once for each bootstrap
        resample of each part, a thousand times by default: take array operations.
        """
