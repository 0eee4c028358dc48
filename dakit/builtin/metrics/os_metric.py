"""Open-set accuracy, the unknown being one class."""

from __future__ import annotations

from typing import final

import numpy as np
from numpy.typing import NDArray

from dakit.builtin.metrics.open_set import KnownClasses
from dakit.builtin.metrics.os import OSSpec
from dakit.contracts import BuildContext


@final
class OS:
    """The mean over known classes and the unknown; see ``OSSpec``."""

    def __init__(self, spec: OSSpec, context: BuildContext) -> None:
        self._known = KnownClasses(context)

    def __call__(self, labels: NDArray[np.int64], probabilities: NDArray[np.float64]) -> float:
        """Return OS; NaN without a row of an unknown class."""
        right, found = self._known.accuracies(labels, probabilities)
        return float(np.append(right, found).mean())
