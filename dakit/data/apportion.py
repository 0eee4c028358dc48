"""Whole numbers of objects for parts that are given as fractions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def apportion(counts: NDArray[np.int64], fractions: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return how many objects ``(S, P)`` of each of S strata go to each of P parts.

    In every stratum each part gets its share rounded down or up, rounded up where the part is
    furthest behind its share over the strata so far: many small strata do not add up their
    rounding. Then every stratum has one object in the first part at least, and every part one
    object at least, as far as there are enough.
    """
    shares = counts[:, None] * fractions
    sizes = np.floor(shares + 1e-9).astype(np.int64)
    behind = np.zeros(len(fractions))
    for stratum, count in enumerate(counts):
        behind += shares[stratum] - sizes[stratum]
        left = int(count - sizes[stratum].sum())
        furthest = np.argsort(-behind, kind="stable")[:left]
        sizes[stratum, furthest] += 1
        behind[furthest] -= 1
    _train_every_stratum(sizes)
    _fill_empty_parts(sizes)
    return sizes


def _train_every_stratum(sizes: NDArray[np.int64]) -> None:
    for stratum in np.flatnonzero(sizes[:, 0] == 0):
        sizes[stratum, sizes[stratum].argmax()] -= 1
        sizes[stratum, 0] += 1


def _fill_empty_parts(sizes: NDArray[np.int64]) -> None:
    for part in np.flatnonzero(sizes.sum(axis=0) == 0):
        richest = sizes[:, 0].argmax()
        if sizes[richest, 0] > 1:
            sizes[richest, 0] -= 1
            sizes[richest, part] += 1
