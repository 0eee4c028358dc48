"""Open-set accuracy of the known classes."""

from __future__ import annotations

from typing import final

import numpy as np
from numpy.typing import NDArray

from dakit.builtin.metrics.open_set import KnownClasses
from dakit.builtin.metrics.os_star import OSStarSpec
from dakit.contracts import BuildContext


@final
class OSStar:
    """The mean over the known classes; see ``OSStarSpec``."""

    def __init__(self, spec: OSStarSpec, context: BuildContext) -> None:
        self._known = KnownClasses(context)

    def __call__(self, labels: NDArray[np.int64], probabilities: NDArray[np.float64]) -> float:
        """Return OS*; NaN without a row of a known class."""
        right, _ = self._known.accuracies(labels, probabilities)
        return float(right.mean()) if len(right) else np.nan
