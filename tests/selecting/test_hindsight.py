from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from dakit.selecting.hindsight import accuracies, in_hindsight


def test_accuracies_are_those_of_the_largest_probability() -> None:
    labels = np.array([0, 1, 1])
    candidates = [np.eye(2)[[0, 1, 0]], np.eye(2)[[1, 1, 1]]]
    assert accuracies(candidates, labels) == pytest.approx([2 / 3, 2 / 3])


def test_regret_gain_and_rank_correlation() -> None:
    accuracy = np.array([0.6, 0.9, 0.7, 0.5])
    plain = np.array([True, False, False, True])
    scores = {"good": np.array([1.0, 4.0, 3.0, 0.0]), "bad": -accuracy, "flat": np.ones(4)}
    found = in_hindsight(scores, accuracy, plain)
    good, bad, flat = found["good"], found["bad"], found["flat"]
    assert (good.accuracy, good.regret, good.gain) == pytest.approx((0.9, 0.0, 0.3))
    assert good.rank_correlation == pytest.approx(spearmanr(scores["good"], accuracy).statistic)
    assert (bad.accuracy, bad.regret, bad.gain) == pytest.approx((0.5, 0.4, 0.0))
    assert bad.rank_correlation == pytest.approx(-1)
    assert flat.accuracy == 0.6
    assert flat.rank_correlation is None


def test_without_a_run_that_does_not_adapt_there_is_no_gain() -> None:
    found = in_hindsight({"a": np.arange(3.0)}, np.arange(3.0) / 3, np.zeros(3, bool))
    assert found["a"].gain is None
