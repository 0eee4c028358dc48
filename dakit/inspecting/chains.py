"""Groups that hold together link by link, but whose members are not alike: chains."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dakit.inspecting.alignment import similarities
from dakit.inspecting.polar_maps import Spectra
from dakit.randomness import generator

SLACK = 1.8
"""Pairs of a group lack on average at most so many times of 1 what a link may lack. At a threshold
of 0.97 the mean similarity was 0.948 and more in 374 groups of copies, noisy ones too, and less
than 0.945 in 26 of 28 chains of 15 look-alikes or more; short chains hide among the copies."""
PROBED = 200
"""At most so many pairs of a group are looked at."""

Rows = NDArray[np.int64]


def chained(spectra: Spectra, groups: Rows, threshold: float) -> NDArray[np.bool_]:
    """Return ``(n,)``: whether the group of each image of ``spectra (n, C, R, M)`` is a chain.

    ``groups (n,)`` were joined by pairs of similarity s and more, the ``threshold``. A group is a
    chain where the mean similarity of all pairs in it is below ``1 - 1.8 (1 - s)``
    (:func:`dakit.inspecting.alignment.similarities`); :data:`PROBED` pairs stand for them.
    """
    sizes = np.bincount(groups)
    members = np.split(np.argsort(groups, kind="stable"), np.cumsum(sizes)[:-1])
    probed = [_pairs(rows, group) for group, rows in enumerate(members) if len(rows) > 2]
    pairs = np.concatenate([np.zeros((0, 2), np.int64), *probed])
    of = groups[pairs[:, 0]]
    lacking = np.bincount(of, 1 - similarities(spectra, pairs), len(sizes))
    allowed = np.bincount(of, minlength=len(sizes)) * SLACK * (1 - threshold)
    chains: NDArray[np.bool_] = (lacking > allowed)[groups]
    return chains


def _pairs(rows: Rows, group: int) -> Rows:
    """Return all pairs of ``rows``, or as many as are looked at."""
    count = len(rows)
    if count * (count - 1) // 2 <= PROBED:
        first, second = np.triu_indices(count, 1)
    else:
        random = generator(0, "pairs of a group", group)
        first = random.integers(0, count, PROBED)
        second = (first + random.integers(1, count, PROBED)) % count
    return np.stack([rows[first], rows[second]], axis=1)
