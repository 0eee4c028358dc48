"""The published split, against the numbers that the published results contain."""

from __future__ import annotations

import numpy as np
import pytest

from dakit_astro_mergers.protocol import paper_permutations, paper_split

SIM_SIM = 15426
SIM_REAL = 6000


@pytest.mark.parametrize(
    ("size", "source_first", "target_first"),
    [
        (SIM_SIM, [9108, 4858, 10740, 4660, 12503], [5411, 13539, 14758, 14446, 13017]),
        (SIM_REAL, [4047, 5655, 1629, 5614, 749], [934, 905, 848, 4907, 2778]),
    ],
)
def test_first_test_rows_are_the_published_ones(
    size: int, source_first: list[int], target_first: list[int]
) -> None:
    source, target = paper_permutations(size, size)
    start = int(0.8 * size)
    assert source[start : start + 5].tolist() == source_first
    assert target[start : start + 5].tolist() == target_first


def test_sim_sim_test_sets_have_the_published_class_counts() -> None:
    split = paper_split(SIM_SIM, SIM_SIM)
    assert (split.source.test < 8120).sum() == 1686
    assert (split.source.test >= 8120).sum() == 1400
    assert (split.target.test < 8120).sum() == 1605
    assert (split.target.test >= 8120).sum() == 1481


def test_sim_real_test_sets_have_the_row_sums_of_the_published_confusion_matrices() -> None:
    split = paper_split(SIM_REAL, SIM_REAL)
    assert (split.source.test >= 3000).sum() == 567 + 52
    assert (split.source.test < 3000).sum() == 47 + 534
    assert (split.target.test >= 3000).sum() == 111 + 479
    assert (split.target.test < 3000).sum() == 125 + 485


@pytest.mark.parametrize("size", [SIM_SIM, 101])
def test_the_parts_are_sorted_and_hold_every_row_once(size: int) -> None:
    for part in (paper_split(size, size).source, paper_split(size, size).target):
        rows = [part.train, part.validation, part.test]
        assert all((np.diff(r) > 0).all() for r in rows)
        np.testing.assert_array_equal(np.sort(np.concatenate(rows)), np.arange(size))
        assert len(part.train) == int(0.7 * size)
        assert len(part.test) == size - int(0.8 * size)
