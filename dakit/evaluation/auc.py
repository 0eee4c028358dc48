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
        self._scores, self._positive = scores, positive
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

    def placements(self) -> Floats:
        """Return ``(N, 4)``: V - A / 2 and 1 of positives, W - A / 2 and 1 of negatives, else 0.

        V is the share of negatives that a positive beats, W that of positives that beat a negative
        (ties count half), both of mean A, the AUC: the placements of DeLong et al. (1988, eq. 2).
        """
        found = np.zeros((len(self._scores), 4))
        for column, own, sign in ((0, self._positive, 1), (2, ~self._positive, -1)):
            others, scores = np.sort(sign * self._scores[~own]), sign * self._scores[own]
            below, up_to = (np.searchsorted(others, scores, side) for side in ("left", "right"))
            beaten = (below + up_to) / 2 / max(1, len(others))
            found[own, column] = beaten - (beaten.mean() if len(beaten) else 0.0) / 2
            found[own, column + 1] = 1.0
        return found


def auc_of_placements(sums: Floats) -> Floats:
    """Return the AUC ``(R,)`` of weighted sums ``(R, 4)`` of placements; NaN as above.

    ``A(w) = mean_w V + mean_w W - A`` is the AUC to first order in the weights: it is exact where
    all weights are equal, and what a resample leaves out is of the order of 1 / N.
    """
    means = [
        np.divide(
            sums[:, c], sums[:, c + 1], out=np.full(len(sums), np.nan), where=sums[:, c + 1] > 0
        )
        for c in (0, 2)
    ]
    area: Floats = np.clip(means[0] + means[1], 0.0, 1.0)
    return area
