import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from dakit.evaluation.auc import RankedScores


def scores(ties, rows=200):
    random = np.random.default_rng(3)
    values = random.normal(size=rows)
    return (np.round(values) if ties else values), random.uniform(size=rows) < 0.3


@pytest.mark.parametrize("ties", [False, True])
def test_it_is_the_area_under_the_roc_curve(ties):
    values, positive = scores(ties)
    (area,) = RankedScores(values, positive).auc(np.ones((1, len(values))))
    assert area == pytest.approx(roc_auc_score(positive, values), abs=1e-12)


@pytest.mark.parametrize("ties", [False, True])
def test_weights_count_rows(ties):
    values, positive = scores(ties)
    weights = np.random.default_rng(4).integers(0, 4, (5, len(values)))
    areas = RankedScores(values, positive).auc(weights.astype(float))
    for area, row in zip(areas, weights, strict=True):
        drawn = np.repeat(np.arange(len(values)), row)
        assert area == pytest.approx(roc_auc_score(positive[drawn], values[drawn]), abs=1e-12)


def test_equal_scores_say_nothing():
    ranked = RankedScores(np.zeros(4), np.array([True, True, False, False]))
    assert ranked.auc(np.ones((1, 4))) == 0.5


def test_without_weight_on_both_sides_it_is_undefined():
    ranked = RankedScores(np.arange(3.0), np.array([True, False, False]))
    areas = ranked.auc(np.array([[0.0, 1, 1], [1, 0, 0], [1, 1, 0]]))
    np.testing.assert_array_equal(areas, [np.nan, np.nan, 0.0])
