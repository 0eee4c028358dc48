"""Which classes the source knows, and how well these and the others are recognised."""

from __future__ import annotations

from typing import final

import numpy as np
from numpy.typing import NDArray

from dakit.contracts import BuildContext

Floats = NDArray[np.float64]


@final
class KnownClasses:
    """The classes of which the source has training rows; all but the last if it has all."""

    def __init__(self, context: BuildContext) -> None:
        lacking = [c for c, count in enumerate(context.class_counts) if not count]
        self._unknown = lacking or [context.num_classes - 1]

    def accuracies(self, labels: NDArray[np.int64], probabilities: Floats) -> tuple[Floats, float]:
        """Return the share of right rows of each known class that has some, and of unknown rows.

        An unknown row is right where any unknown class is predicted; NaN without such rows.
        """
        predicted = probabilities.argmax(axis=1)
        unknown = np.isin(labels, self._unknown)
        rows = np.bincount(labels[~unknown])
        hits = np.bincount(labels[~unknown & (predicted == labels)], minlength=len(rows))
        found = np.isin(predicted[unknown], self._unknown)
        return hits[rows > 0] / rows[rows > 0], float(found.mean()) if len(found) else np.nan
