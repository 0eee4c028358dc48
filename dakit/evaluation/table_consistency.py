"""Do the numbers of a published row agree? Precision, recall and prevalence force the accuracy."""

from __future__ import annotations

from itertools import product

Range = tuple[float, float]


def implied_accuracy(precision: Range, recall: Range, positive_share: Range) -> Range:
    """Return the lowest and highest accuracy that is possible for two classes.

    With precision P, recall R and the positive class's share p of the test set, the misses are
    ``p (1 - R)`` and the false alarms ``p R (1 - P) / P``, so that::

        accuracy = 1 - p (1 - R) - p R (1 - P) / P

    It is monotonic in each of the three while the others stand still, so its extremes lie at the
    corners of the three ranges. A corner with more false alarms than negatives cannot occur, but
    is counted: the range may be too wide, never too narrow.
    """
    corners = [_accuracy(p, r, share) for p, r, share in product(precision, recall, positive_share)]
    return max(0.0, min(corners)), min(1.0, max(corners))


def contradicts(
    accuracy: float, precision: float, recall: float, positive_share: Range, decimals: int
) -> Range | None:
    """Return the accuracy that is possible where the printed one is not, else None.

    Each number stands for all that round to it: x +- half a unit of its last decimal. A precision
    that may be 0 forces nothing.
    """
    half = 0.5 * 10.0**-decimals
    if precision - half <= 0:
        return None
    printed, p, r = (_rounded(x, half) for x in (accuracy, precision, recall))
    low, high = implied_accuracy(p, r, positive_share)
    slack = 1e-9  # numbers such as 0.58 are not exact in binary
    return None if printed[0] <= high + slack and low <= printed[1] + slack else (low, high)


def _accuracy(precision: float, recall: float, share: float) -> float:
    false_alarms = share * recall * (1 - precision) / precision
    return 1 - share * (1 - recall) - false_alarms


def _rounded(value: float, half: float) -> Range:
    return max(0.0, value - half), min(1.0, value + half)
