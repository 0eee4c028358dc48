import numpy as np

from dakit.data.batches import balanced_rows


def test_all_classes_become_as_frequent_as_the_most_frequent_one():
    rows = np.arange(100, 117)
    labels = np.array([0] * 10 + [1] * 4 + [2] * 3)
    balanced, repeated = balanced_rows(rows, labels, seed=1)
    assert np.array_equal(balanced[~repeated], rows)
    assert np.bincount(labels[balanced - 100]).tolist() == [10, 10, 10]
    times = np.bincount(balanced - 100)
    for label in range(3):
        assert np.ptp(times[labels == label]) <= 1


def test_which_rows_are_repeated_follows_from_the_seed():
    rows, labels = np.arange(60), np.arange(60) % 7 // 6
    one, same, other = (balanced_rows(rows, labels, seed)[0] for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
