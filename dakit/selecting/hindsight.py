"""What target labels say, afterwards, of the choices that were made without them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

Floats = NDArray[np.float64]


@final
@dataclass(frozen=True)
class ScoreInHindsight:
    """How well one score chose."""

    accuracy: float
    """Of the candidate that it names, on the target's validation rows."""
    regret: float
    """How far that is below the best candidate."""
    gain: float | None
    """Over the candidate without adaptation that it names; None where there is none."""
    rank_correlation: float | None
    """Spearman's, of score and accuracy over all candidates; None where either is constant."""


def accuracies(probabilities: Sequence[Floats], labels: NDArray[np.int64]) -> Floats:
    """Return the accuracy of each candidate, ``(K,)``, on rows with ``labels (M,)``."""
    return np.array([np.mean(p.argmax(axis=1) == labels) for p in probabilities])


def in_hindsight(
    scores: Mapping[str, Floats], accuracy: Floats, plain: NDArray[np.bool_]
) -> dict[str, ScoreInHindsight]:
    """Return for each of ``scores (K,)`` how well it chose; ``plain`` candidates do not adapt.

    Of equal scores the first candidate counts.
    """
    return {name: _one(values, accuracy, plain) for name, values in scores.items()}


def _one(values: Floats, accuracy: Floats, plain: NDArray[np.bool_]) -> ScoreInHindsight:
    chosen = accuracy[values.argmax()]
    baseline = np.where(plain, values, -np.inf).argmax() if plain.any() else None
    varied = min(np.ptp(values), np.ptp(accuracy)) > 0
    return ScoreInHindsight(
        accuracy=float(chosen),
        regret=float(accuracy.max() - chosen),
        gain=None if baseline is None else float(chosen - accuracy[baseline]),
        rank_correlation=float(spearmanr(values, accuracy).statistic) if varied else None,
    )
