"""Candidates in order: by agreement with the mean of all, and by the mean of their ranks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Floats = NDArray[np.float64]


def panel(ranks: Floats, run_of: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the best-ranked candidate of each run, of equals the first; ``run_of (K,)``."""
    members = [np.flatnonzero(run_of == run) for run in np.unique(run_of)]
    return np.array([rows[ranks[rows].argmax()] for rows in members])


def agreement(probabilities: Sequence[Floats], together: Floats) -> Floats:
    """Return how often each of K candidates predicts what an ensemble predicts, ``(K,)``.

    ``mean_j [argmax_c p_kjc = argmax_c q_jc]`` over the target rows j, with the probabilities
    ``p_k (M, C)`` of a candidate and their mean ``q (M, C)`` over the members of the ensemble
    (EnsV, Hu et al., NeurIPS 2024). It counts on most members being right: where most fail in the
    same way, it names one of these.
    """
    predicted = together.argmax(axis=1)
    return np.array([np.mean(p.argmax(axis=1) == predicted) for p in probabilities])


def rank_average(scores: Floats) -> Floats:
    """Return the mean rank of each of K candidates over S scores ``(K, S)``, in [0, 1].

    1 is the best in every score, 0 the worst; candidates with equal scores share their ranks.
    """
    if len(scores) == 1 or scores.shape[1] == 0:
        return np.ones(len(scores))
    ranks: Floats = (rankdata(scores, axis=0) - 1) / (len(scores) - 1)
    averaged: Floats = ranks.mean(axis=1)
    return averaged


def in_order(first: Floats, *further: Floats) -> NDArray[np.int64]:
    """Return the candidates, best first; where one criterion is equal the next decides.

    Where all are, the earlier candidate comes first.
    """
    keys = [-np.asarray(values) for values in (*reversed(further), first)]
    order: NDArray[np.int64] = np.lexsort([np.arange(len(first)), *keys])
    return order
