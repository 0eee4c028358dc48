"""Groups from pairs, and their agreement with known groups."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics.cluster import pair_confusion_matrix

from dakit.inspecting.joining import agreement, at_random, credible, join


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


@given(st.data())
def test_a_group_of_several_classes_or_of_too_many_images_is_no_object(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 200))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    groups = np.unique(rng.integers(0, data.draw(st.integers(1, 40)), size), return_inverse=True)[1]
    labels = data.draw(
        st.sampled_from([None, np.zeros(size, int), groups % 2, rng.integers(0, 2, size)])
    )
    members = defaultdict(list)
    for row, group in enumerate(groups.tolist()):
        members[group].append(row)
    for row, fine in enumerate(credible(groups, labels).tolist()):
        rows = members[int(groups[row])]
        classes = {0} if labels is None else {int(labels[other]) for other in rows}
        assert fine == (len(classes) == 1 and not (len(rows) > 50 and 10 * len(rows) > size))


def test_pairs_that_cross_classes_as_often_as_any_two_images_are_look_alikes() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 400)
    by_lot = rng.integers(0, 400, (60, 2))
    assert at_random(by_lot, labels)
    of_class = [np.flatnonzero(labels == c) for c in (0, 1)]
    same = np.concatenate([rng.choice(rows, (30, 2)) for rows in of_class])
    assert not at_random(same, labels)
    assert not at_random(np.concatenate([same, by_lot[:15]]), labels), "some wrong links or labels"
    assert not at_random(by_lot[:5], labels), "too few to say"
    assert not at_random(by_lot, np.zeros(400, int)), "one class contradicts nothing"
    assert not at_random(by_lot, None)
