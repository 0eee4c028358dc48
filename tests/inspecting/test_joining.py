"""Groups from pairs, and their agreement with known groups."""

from __future__ import annotations

import numpy as np
from sklearn.metrics.cluster import pair_confusion_matrix

from dakit.inspecting.joining import agreement, join


def test_chains_of_pairs_become_groups() -> None:
    groups = join(6, np.array([[0, 2], [2, 5], [1, 3]]))
    assert groups[0] == groups[2] == groups[5]
    assert groups[1] == groups[3]
    assert len(set(groups.tolist())) == 3


def test_known_groups_are_kept_and_joined_by_pairs() -> None:
    groups = join(6, np.array([[0, 4]]), np.array(["a", "b", "a", "c", "b", "d"]))
    assert groups[0] == groups[1] == groups[2] == groups[4]
    assert len({groups[3], groups[5], groups[0]}) == 3


def test_agreement_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(1)
    found, known = rng.integers(0, 9, 60), rng.integers(0, 7, 60)
    (_, false_pairs), (missed, right) = pair_confusion_matrix(known, found)
    told = agreement(found, known)
    assert told.precision == right / (right + false_pairs)
    assert told.recall == right / (right + missed)


def test_without_pairs_nothing_is_told() -> None:
    told = agreement(np.arange(4), np.arange(4))
    assert told.precision is None
    assert told.recall is None
