"""From pairs of alike images to groups and their file: chains, agreement with known groups."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from dakit.errors import InputError
from dakit.files.writing import writing
from dakit.inspecting.polar_maps import Spectra, similarities
from dakit.randomness import generator

Rows = NDArray[np.int64]

POSSIBLE, SHARE = 50, 0.1
"""A group of more than 50 images and of more than this share of all is no single object."""
ENOUGH = 20
"""From so many pairs on labels can say that the search found none but look-alikes."""


def join(size: int, pairs: Rows, known: NDArray[Any] | None = None) -> Rows:
    """Return a group ``(size,)``, numbered from 0, for each row.

    Rows that a chain of ``pairs (P, 2)`` connects are in one group, and so are those that have
    the same ``known`` group.
    """
    links = pairs if known is None else np.concatenate([pairs, _chains(known)])
    graph = coo_matrix((np.ones(len(links)), (links[:, 0], links[:, 1])), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    groups: Rows = label.astype(np.int64)
    return groups


def credible(groups: Rows, labels: Rows | None = None) -> NDArray[np.bool_]:
    """Return ``(N,)``: whether the group of each row may be one object.

    It may not where its images have several ``labels (N,)``, nor where it is too large: in images
    that show little, links between look-alikes make chains of hundreds.
    """
    sizes = np.bincount(groups)
    wrong = (sizes > POSSIBLE) & (sizes > SHARE * len(groups))
    if labels is not None:
        of_class = np.unique(np.stack([groups, labels], axis=1), axis=0)
        wrong |= np.bincount(of_class[:, 0]) > 1
    fine: NDArray[np.bool_] = ~wrong[groups]
    return fine


def at_random(pairs: Rows, labels: Rows | None) -> bool:
    """Return whether ``pairs (P, 2)`` join rows whatever their ``labels (N,)``: look-alikes.

    That is where at least :data:`ENOUGH` were found and the share of them that differ in label is
    half of ``1 - sum_c f_c^2`` or more, which any two rows have with class fractions f.
    """
    if labels is None or len(pairs) < ENOUGH:
        return False
    fractions = np.bincount(labels) / len(labels)
    by_chance = 1 - float((fractions**2).sum())
    different = float((labels[pairs[:, 0]] != labels[pairs[:, 1]]).mean())
    return by_chance > 0 and different >= by_chance / 2


@final
@dataclass(frozen=True)
class Agreement:
    """Pairs of images in one found group against pairs that show one known object."""

    found: int
    known: int
    right: int

    @property
    def precision(self) -> float | None:
        """Share of the found pairs that are right; None where none was found."""
        return self.right / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        """Share of the known pairs that were found; None where no pair is known."""
        return self.right / self.known if self.known else None


def agreement(found: NDArray[Any], known: NDArray[Any]) -> Agreement:
    """Compare two groupings ``(N,)`` of the same rows, pair by pair."""
    both = np.stack([np.unique(values, return_inverse=True)[1] for values in (found, known)])
    return Agreement(_pairs(both[0]), _pairs(both[1]), _pairs(both.T))


def _pairs(values: NDArray[Any]) -> int:
    counts = np.unique(values, axis=0, return_counts=True)[1]
    return int((counts * (counts - 1) // 2).sum())


def _chains(groups: NDArray[Any]) -> Rows:
    """Return pairs that connect the rows of each group, one after the other."""
    order = np.argsort(groups, kind="stable")
    same = groups[order[1:]] == groups[order[:-1]]
    chains: Rows = np.stack([order[:-1][same], order[1:][same]], axis=1)
    return chains


def check_groups_name(path: Path) -> None:
    """Raise InputError where groups cannot be written under this name."""
    if path.suffix != ".npz":
        raise InputError(f"groups are written as .npz (arrays 'source' and 'target'), not {path}")


def write_groups(path: Path, source: NDArray[Any], target: NDArray[Any]) -> None:
    """Write the group of each row of both domains, ``(N,)`` and ``(M,)``. Raises RunError."""
    with writing(path) as file:
        np.savez(file, source=source, target=target)


SLACK = 1.8
"""Pairs of a group lack on average at most so many times of 1 what a link may lack. At a threshold
of 0.97 the mean similarity was 0.948 and more in 374 groups of copies, noisy ones too, and less
than 0.945 in 26 of 28 chains of 15 look-alikes or more; short chains hide among the copies."""
PROBED = 200
"""At most so many pairs of a group are looked at."""


def chained(spectra: Spectra, groups: Rows, threshold: float) -> NDArray[np.bool_]:
    """Return ``(n,)``: whether the group of each image of ``spectra (n, C, R, M)`` is a chain.

    ``groups (n,)`` were joined by pairs of similarity s and more, the ``threshold``. A group is a
    chain where the mean similarity of all pairs in it is below ``1 - 1.8 (1 - s)``
    (:func:`dakit.inspecting.polar_maps.similarities`); :data:`PROBED` pairs stand for them.
    """
    sizes = np.bincount(groups)
    members = np.split(np.argsort(groups, kind="stable"), np.cumsum(sizes)[:-1])
    probed = [_probed_pairs(rows, group) for group, rows in enumerate(members) if len(rows) > 2]
    pairs = np.concatenate([np.zeros((0, 2), np.int64), *probed])
    of = groups[pairs[:, 0]]
    lacking = np.bincount(of, 1 - similarities(spectra, pairs), len(sizes))
    allowed = np.bincount(of, minlength=len(sizes)) * SLACK * (1 - threshold)
    chains: NDArray[np.bool_] = (lacking > allowed)[groups]
    return chains


def _probed_pairs(rows: Rows, group: int) -> Rows:
    """Return all pairs of ``rows``, or as many as are looked at."""
    count = len(rows)
    if count * (count - 1) // 2 <= PROBED:
        first, second = np.triu_indices(count, 1)
    else:
        random = generator(0, "pairs of a group", group)
        first = random.integers(0, count, PROBED)
        second = (first + random.integers(1, count, PROBED)) % count
    return np.stack([rows[first], rows[second]], axis=1)
