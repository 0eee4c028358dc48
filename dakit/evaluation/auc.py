"""Area under the ROC curve for many weightings of the same rows at once."""

from __future__ import annotations

from typing import final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@final
class RankedScores:
    """Scores of positives and negatives, sorted once.

    ``AUC = P(score of a positive > score of a negative) + P(equal) / 2``, the Mann-Whitney form
    of the area under the ROC curve (Hanley & McNeil 1982).
    """

    def __init__(self, scores: Floats, positive: NDArray[np.bool_]) -> None:
        ordered = np.sort(scores[~positive])
        self._order = np.flatnonzero(~positive)[np.argsort(scores[~positive], kind="stable")]
        self._positives = np.flatnonzero(positive)
        self._below = np.searchsorted(ordered, scores[positive], side="left")
        self._up_to = np.searchsorted(ordered, scores[positive], side="right")

    def auc(self, weights: Floats) -> Floats:
        """Return ``(R,)`` for ``weights (R, N)``; NaN where a side has no weight."""
        positive, negative = weights[:, self._positives], weights[:, self._order]
        cumulated = np.zeros((len(weights), negative.shape[1] + 1))
        np.cumsum(negative, axis=1, out=cumulated[:, 1:])
        beaten = (cumulated[:, self._below] + cumulated[:, self._up_to]) / 2
        pairs = positive.sum(axis=1) * cumulated[:, -1]
        won = np.einsum("rp,rp->r", positive, beaten)
        area: Floats = np.divide(won, pairs, out=np.full(len(weights), np.nan), where=pairs > 0)
        return area
