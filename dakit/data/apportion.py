"""Whole numbers of objects for parts that are given as fractions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Part = int | np.intp

TOLERANCE = 1e-9
"""What a share may fall short of a whole number by rounding."""


def apportion(counts: NDArray[np.int64], fractions: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return how many objects ``(S, P)`` of each of S strata go to each of P parts.

    In every stratum each part gets its share rounded down or up, rounded up where the part is
    furthest behind its share over the strata so far: many small strata do not add up their
    rounding.
    """
    shares = counts[:, None] * fractions
    sizes = np.floor(shares + TOLERANCE).astype(np.int64)
    behind = np.zeros(len(fractions))
    for stratum, count in enumerate(counts):
        rest = shares[stratum] - sizes[stratum]
        behind += rest
        left = int(count - sizes[stratum].sum())
        # a share that is a whole number is not rounded up; there are always enough others
        furthest = np.argsort(np.where(rest > TOLERANCE, -behind, np.inf), kind="stable")[:left]
        sizes[stratum, furthest] += 1
        behind[furthest] -= 1
    return sizes


def fill_every_part(sizes: NDArray[np.int64]) -> None:
    """Move single objects in ``sizes (S, P)``, in place, as far as there are enough.

    Every stratum then has one object in the first part at least, one in the last if it has two,
    and every part one at least (if need be the last object of a stratum in the last part).
    """
    for part in (0, -1):
        for stratum in np.flatnonzero((sizes[:, part] == 0) & (sizes.sum(axis=1) > -part)):
            _move(sizes, stratum, (sizes[stratum] - [1, 0, 0]).argmax(), part)
    for empty in np.flatnonzero(sizes.sum(axis=0) == 0):
        richest, crowded = sizes[:, 0].argmax(), sizes[:, -1].argmax()
        if sizes[richest, 0] > 1:
            _move(sizes, richest, 0, empty)
        elif sizes[:, -1].sum() > 1:
            _move(sizes, crowded, -1, empty)


def _move(sizes: NDArray[np.int64], stratum: np.intp, giver: Part, taker: Part) -> None:
    sizes[stratum, giver] -= 1
    sizes[stratum, taker] += 1
