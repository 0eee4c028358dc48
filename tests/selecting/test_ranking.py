from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dakit.selecting.ranking import agreement, in_order, panel, rank_average


def candidates(seed: int, count: int = 5, rows: int = 30, classes: int = 4) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    return [random.dirichlet(np.ones(classes), rows) for _ in range(count)]


@given(st.integers(0, 50), st.integers(1, 6))
def test_agreement_is_that_of_a_loop_over_rows_and_candidates(seed: int, count: int) -> None:
    given_ = candidates(seed, count)
    for k, value in enumerate(agreement(given_, np.mean(given_, axis=0))):
        same = 0
        for j in range(30):
            together = sum(p[j] for p in given_) / count
            same += int(np.argmax(given_[k][j]) == np.argmax(together))
        assert value == pytest.approx(same / 30)


def test_a_candidate_that_fails_alone_agrees_least() -> None:
    sound = np.eye(3)[np.arange(30) % 3] * 0.8 + 0.2 / 3
    broken = np.full((30, 3), [0.98, 0.01, 0.01])
    together = np.mean([sound, broken, sound], axis=0)
    assert agreement([sound, broken, sound], together).argmin() == 1


def test_a_panel_is_the_best_of_each_run_and_the_first_of_equals() -> None:
    ranks, run_of = np.array([0.1, 0.9, 0.9, 0.4, 0.2]), np.array([0, 0, 0, 3, 3])
    assert panel(ranks, run_of).tolist() == [1, 3]


def test_mean_ranks_of_ties_and_bounds() -> None:
    scores = np.array([[1.0, 5.0], [2.0, 5.0], [3.0, 7.0]])
    assert rank_average(scores) == pytest.approx([0.125, 0.375, 1.0])
    assert rank_average(scores[:1]) == pytest.approx([1.0])
    assert rank_average(np.empty((3, 0))) == pytest.approx([1.0, 1.0, 1.0])


def test_a_score_of_another_scale_counts_no_more() -> None:
    random = np.random.default_rng(0).normal(size=(8, 3))
    stretched = np.exp(3 * random) * [1, 1e6, 1e-6]
    assert rank_average(stretched) == pytest.approx(rank_average(random))


def test_equal_scores_go_to_the_next_criterion_and_then_to_the_first() -> None:
    first = np.array([1.0, 2.0, 2.0, 2.0, 2.0])
    second = np.array([9.0, 0.0, 1.0, 1.0, 1.0])
    third = np.array([9.0, 9.0, 0.0, 1.0, 1.0])
    assert in_order(first, second, third).tolist() == [3, 4, 2, 1, 0]
