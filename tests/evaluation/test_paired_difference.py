"""Differences of methods and their intervals, against plain loops."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm
from sklearn.metrics import accuracy_score, brier_score_loss, roc_auc_score

from dakit.evaluation.paired_difference import (
    Difference,
    RunScores,
    paired_differences,
    resamples_seeds,
)


def scores(
    seed: int, strength: float, *, noise: int = 0, rows: int = 80, first: int = 0
) -> RunScores:
    hard = np.random.default_rng(first).normal(size=rows)
    own = np.random.default_rng([noise, seed]).normal(size=rows)
    labels = np.arange(rows) % 2
    second = 1 / (1 + np.exp(-(hard + 0.3 * own + strength * (2 * labels - 1))))
    return RunScores(
        seed, labels, np.stack([1 - second, second], axis=1), first + np.arange(rows) // 2
    )


def width(difference: Difference | None) -> float:
    assert difference is not None
    assert difference.low is not None
    assert difference.high is not None
    return difference.high - difference.low


def assert_none_differs(found: Difference | None, units: int) -> None:
    """The score interval of Tango (1998) where none of ``units`` pairs differs: the root of
    ``(b - c - n d)^2 = z^2 n (2 q + d (1 - d))`` with b = c = q = 0."""
    root = brentq(lambda d: (units * d) ** 2 - norm.ppf(0.975) ** 2 * units * d * (1 - d), 1e-9, 1)
    assert found is not None
    assert found.value == 0
    assert found.low == pytest.approx(-root)
    assert found.high == pytest.approx(root)


def test_two_that_are_always_right_may_differ_on_other_objects() -> None:
    """Precisions of 3 of 3 and 5 of 5: their difference of 0 is not sure."""
    labels = np.asarray([0, 0, 0, 1, 1, 1, 1, 1])

    def finds(positives: int) -> RunScores:
        second = np.where(np.arange(8) >= 8 - positives, 0.9, 0.1)
        return RunScores(1, labels, np.stack([1 - second, second], axis=1), np.arange(8))

    found = paired_differences([finds(3)], [finds(5)])["precision"]
    assert_none_differs(found, 3)


def test_the_difference_is_that_of_the_means() -> None:
    ours = [scores(1, 1.2), scores(2, 0.8)]
    theirs = [scores(1, 0.5), scores(2, 0.4), scores(3, 0.3)]
    found = paired_differences(ours, theirs, resamples=5)
    for name, metric in (
        ("accuracy", lambda r: accuracy_score(r.labels, r.probabilities[:, 1] > 0.5)),
        ("auc", lambda r: roc_auc_score(r.labels, r.probabilities[:, 1])),
        ("brier", lambda r: brier_score_loss(r.labels, r.probabilities[:, 1])),
    ):
        expected = np.mean([metric(r) for r in ours]) - np.mean([metric(r) for r in theirs])
        assert found[name] is not None
        assert found[name].value == pytest.approx(expected)


def test_with_one_seed_the_interval_is_that_of_a_loop_over_objects() -> None:
    ours, theirs = scores(1, 1.0), scores(1, 0.4, noise=1)
    found = paired_differences([ours], [theirs], resamples=4000)["accuracy"]
    gain = (ours.probabilities[:, 1] > 0.5) == ours.labels
    gain = gain.astype(float) - ((theirs.probabilities[:, 1] > 0.5) == theirs.labels)
    by_object = gain.reshape(-1, 2).sum(axis=1)
    rng = np.random.default_rng(7)
    drawn = rng.integers(0, 40, size=(4000, 40))
    low, high = np.quantile(by_object[drawn].sum(axis=1) / 80, [0.025, 0.975])
    assert found is not None
    assert found.low == pytest.approx(low, abs=0.02)
    assert found.high == pytest.approx(high, abs=0.02)


def test_pairing_by_unit_takes_away_what_both_find_hard() -> None:
    ours, theirs = scores(1, 0.8), scores(1, 0.5, noise=1)
    apart = RunScores(1, theirs.labels, theirs.probabilities, theirs.units + 1000)
    paired = width(paired_differences([ours], [theirs])["accuracy"])
    unpaired = width(paired_differences([ours], [apart])["accuracy"])
    assert paired < 0.8 * unpaired


def test_seeds_are_drawn_where_both_have_two() -> None:
    spread = [scores(seed, strength) for seed, strength in ((1, 0.1), (2, 0.6), (3, 1.6))]
    base = [scores(seed, 0.5, noise=9) for seed in (1, 2, 3)]
    both = width(paired_differences(spread, base)["accuracy"])
    one_base = width(paired_differences(spread, base[:1])["accuracy"])
    assert resamples_seeds((1, 2), (1, 2))
    assert not resamples_seeds((1, 2), (1, 1))
    assert both > 1.5 * one_base


def test_a_seed_counts_alike_in_both() -> None:
    """A seed that is good for both methods says nothing of their difference."""
    ours = [scores(1, 0.2), scores(2, 1.5)]
    same = [RunScores(run.seed, run.labels, run.probabilities, run.units) for run in ours]
    found = paired_differences(ours, same)["accuracy"]
    assert_none_differs(found, 40)


def test_test_sets_of_other_seeds_share_their_objects() -> None:
    ours = [scores(1, 1.0, rows=60), scores(2, 1.0, rows=40)]
    found = paired_differences(ours, ours, resamples=20)["accuracy"]
    assert_none_differs(found, 20)


def test_what_is_undefined_is_none() -> None:
    one_class = RunScores(1, np.ones(4, np.int64), np.tile([0.2, 0.8], (4, 1)), np.arange(4))
    found = paired_differences([one_class], [one_class], resamples=10)
    assert found["auc"] is None
    assert_none_differs(found["accuracy"], 4)
    alone = RunScores(1, np.ones(2, np.int64), np.tile([0.2, 0.8], (2, 1)), np.zeros(2))
    assert paired_differences([alone], [alone])["accuracy"] == Difference(0.0, None, None)


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    covered, trials = 0, 60
    for trial in range(trials):
        rng = np.random.default_rng(trial)
        labels = np.arange(200) % 2
        hard = rng.random(200)

        def run(rate: float, labels=labels, hard=hard) -> RunScores:  # type: ignore[no-untyped-def]
            right = np.where(hard < rate, labels, 1 - labels)
            second = 0.2 + 0.6 * right
            return RunScores(1, labels, np.stack([1 - second, second], axis=1), np.arange(200))

        found = paired_differences([run(0.8)], [run(0.7)], resamples=300)["accuracy"]
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 0.1 <= found.high
    assert covered >= 0.87 * trials


def test_it_repeats_itself() -> None:
    ours, theirs = [scores(1, 1.0), scores(2, 0.9)], [scores(1, 0.5), scores(2, 0.7)]
    assert paired_differences(ours, theirs) == paired_differences(ours, theirs)


@pytest.mark.parametrize("seeds", [(0,), (0, 1)])
def test_many_rows_give_what_drawing_each_object_gives(
    seeds: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Test sets that overlap: an object that both hold is in one block, with one weight."""
    method = [scores(s, 1.0, noise=1, rows=4000, first=500 * s) for s in seeds]
    baseline = [scores(s, 0.7, noise=2, rows=4000, first=500 * s) for s in seeds]
    each = paired_differences(method, baseline)
    monkeypatch.setattr("dakit.evaluation.paired_difference.MANY", 100)
    whole = paired_differences(method, baseline)  # as many units: the same draws
    monkeypatch.setattr("dakit.evaluation.intervals.BLOCKS", 500)
    blocks = paired_differences(method, baseline)
    for name, wanted in each.items():
        assert wanted is not None
        for found, slack in ((whole[name], 0.02), (blocks[name], 0.2)):
            assert found is not None
            assert found.value == pytest.approx(wanted.value, abs=1e-12)
            assert found.low == pytest.approx(wanted.low, abs=slack * width(wanted))
            assert found.high == pytest.approx(wanted.high, abs=slack * width(wanted))
