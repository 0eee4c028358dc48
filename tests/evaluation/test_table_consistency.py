"""Which accuracies precision, recall and prevalence allow, against a search over all counts."""

from __future__ import annotations

from itertools import product

import pytest

from dakit.reporting.compare.published import contradicts, implied_accuracy


@pytest.mark.parametrize(("positives", "negatives"), [(25, 23), (13, 35), (40, 9)])
def test_no_confusion_matrix_contradicts_itself(positives: int, negatives: int) -> None:
    total = positives + negatives
    share = positives / total
    for hits, alarms in product(range(1, positives + 1), range(negatives + 1)):
        precision, recall = hits / (hits + alarms), hits / positives
        accuracy = (hits + negatives - alarms) / total
        exact = implied_accuracy((precision,) * 2, (recall,) * 2, (share,) * 2)
        assert exact == pytest.approx((accuracy, accuracy))
        rounded = [round(x, 2) for x in (accuracy, precision, recall)]
        if rounded[1] > 0.005:
            assert contradicts(*rounded, (share, share), 2) is None


def test_the_row_of_the_paper() -> None:
    allowed = contradicts(0.58, 0.99, 0.08, (0.520, 0.526), 2)
    assert allowed is not None
    assert allowed == pytest.approx((0.513, 0.524), abs=1e-3)
    assert contradicts(0.52, 0.99, 0.08, (0.520, 0.526), 2) is None
    # the prevalence that would be needed, by the reference page
    assert contradicts(0.58, 0.99, 0.08, (0.448, 0.464), 2) is None
    assert contradicts(0.58, 0.99, 0.08, (0.474, 0.526), 2) is not None


def test_more_decimals_leave_less_room() -> None:
    assert contradicts(0.495, 0.5, 0.8, (0.509, 0.509), 2) is None
    assert contradicts(0.491, 0.5, 0.8, (0.509, 0.509), 4) is None
    assert contradicts(0.495, 0.5, 0.8, (0.509, 0.509), 4) is not None


def test_a_precision_that_may_be_nothing_forces_nothing() -> None:
    assert contradicts(0.9, 0.0, 0.5, (0.5, 0.5), 2) is None
