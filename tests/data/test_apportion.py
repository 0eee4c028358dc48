import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dakit.data.splits import apportion, fill_every_part

FRACTIONS = np.array([0.7, 0.1, 0.2])


@given(arrays(np.int64, st.integers(1, 8), elements=st.integers(1, 200)))
def test_every_object_is_placed_and_every_stratum_trained_on(counts):
    sizes = apportion(counts, FRACTIONS)
    fill_every_part(sizes)
    assert (sizes >= 0).all()
    assert (sizes.sum(axis=1) == counts).all()
    assert (sizes[:, 0] >= 1).all()
    # the one object of the middle part may be the second of a stratum, if none has a third
    assert (sizes[counts > 1, 2] == 0).sum() <= (counts.max() == 2)


@given(arrays(np.int64, st.integers(1, 8), elements=st.integers(10, 200)))
def test_each_part_of_each_stratum_is_within_one_object_of_its_share(counts):
    assert (np.abs(apportion(counts, FRACTIONS) - counts[:, None] * FRACTIONS) < 1).all()


def test_rounding_does_not_add_up_over_many_small_strata():
    sizes = apportion(np.full(50, 4), FRACTIONS)
    assert np.abs(sizes.sum(axis=0) - [140, 20, 40]).max() <= 1


def test_three_objects_fill_three_parts():
    sizes = apportion(np.array([3]), FRACTIONS)
    fill_every_part(sizes)
    assert sizes.tolist() == [[1, 1, 1]]


def test_two_objects_are_trained_on_and_tested_on():
    for sizes in ([[2, 0, 0]], [[1, 1, 0]], [[0, 1, 1]], [[0, 2, 0]]):
        filled = np.array([*sizes, [9, 9, 9]])
        fill_every_part(filled)
        assert filled.tolist() == [[1, 0, 1], [9, 9, 9]]


def test_one_object_alone_is_trained_on():
    sizes = np.array([[0, 0, 1], [7, 1, 2]])
    fill_every_part(sizes)
    assert sizes.tolist() == [[1, 0, 0], [7, 1, 2]]


@given(arrays(np.int64, st.integers(1, 8), elements=st.integers(10, 200)))
def test_nothing_is_moved_where_every_stratum_has_its_share(counts):
    sizes = apportion(counts, FRACTIONS)
    kept = sizes.copy()
    fill_every_part(sizes)
    assert np.array_equal(sizes, kept)
