import numpy as np
import pytest

from dakit.evaluation.intervals import bootstrap_intervals


def mean_of(values):
    return lambda weights: {"mean": weights @ values / weights.sum(axis=1)}


def interval(values, groups=None, *, resamples=500, confidence=0.95, seed=0):
    return bootstrap_intervals(
        mean_of(values),
        len(values),
        groups=groups,
        resamples=resamples,
        confidence=confidence,
        seed=seed,
    ).get("mean")


def coverage(draw, truth, *, repetitions=300):
    hits = 0
    for repetition in range(repetitions):
        values, groups = draw(np.random.default_rng(repetition))
        low, high = interval(values, groups, resamples=200, seed=repetition)
        hits += low <= truth <= high
    return hits / repetitions


def test_independent_rows_are_covered_as_often_as_promised():
    def draw(random):
        return (random.uniform(size=150) < 0.8).astype(float), None

    assert 0.91 <= coverage(draw, 0.8) <= 0.985


def clustered(random):
    """40 objects with 8 views each, which are all right or all wrong."""
    groups = np.repeat(np.arange(40), 8)
    return (random.uniform(size=40) < 0.7).astype(float)[groups], groups


def test_views_of_one_object_are_covered_only_when_drawn_together():
    def ungrouped(random):
        return clustered(random)[0], None

    assert 0.90 <= coverage(clustered, 0.7) <= 0.985
    assert coverage(ungrouped, 0.7) < 0.7


def test_it_agrees_with_drawing_rows_one_by_one():
    random = np.random.default_rng(5)
    values = random.normal(size=80)
    direct = [values[random.integers(0, 80, 80)].mean() for _ in range(4000)]
    expected = np.quantile(direct, [0.05, 0.95])
    found = interval(values, resamples=4000, confidence=0.9)
    np.testing.assert_allclose(found, expected, atol=0.02)


def test_groups_are_drawn_whole():
    groups = np.array(["a", "b", "a", "c", "b", "c", "c"])
    seen = []

    def statistics(weights):
        seen.append(weights)
        return {"total": weights.sum(axis=1)}

    bootstrap_intervals(statistics, 7, groups=groups, resamples=50, confidence=0.95, seed=0)
    weights = np.concatenate(seen)
    for name in "abc":
        members = weights[:, groups == name]
        assert (members == members[:, :1]).all()
    drawn = [weights[:, np.flatnonzero(groups == name)[0]] for name in "abc"]
    assert (np.sum(drawn, axis=0) == 3).all()
    assert len(np.unique(weights, axis=0)) > 5


def test_the_seed_fixes_it():
    values = np.random.default_rng(0).normal(size=50)
    assert interval(values, seed=1) == interval(values, seed=1)
    assert interval(values, seed=1) != interval(values, seed=2)


def test_resamples_without_the_statistic_are_left_out():
    def statistics(weights):
        return {"some": np.where(weights[:, 0] > 0, 2.0, np.nan), "none": weights[:, 0] * np.nan}

    found = bootstrap_intervals(statistics, 5, groups=None, resamples=100, confidence=0.9, seed=0)
    assert found == {"some": (2.0, 2.0), "none": None}


@pytest.mark.parametrize(("rows", "groups"), [(0, None), (1, None), (3, np.zeros(3))])
def test_fewer_than_two_objects_have_no_interval(rows, groups):
    assert interval(np.ones(rows), groups) is None


def test_without_resamples_there_is_no_interval():
    assert interval(np.ones(5), resamples=0) is None
