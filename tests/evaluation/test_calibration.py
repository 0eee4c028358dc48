from itertools import pairwise

import numpy as np
import pytest

from dakit.evaluation.calibration import calibration_gaps, expected_calibration_error


def by_definition(confidence, correct, bins):
    """Guo et al. 2017, eq. 3, one bin after the other."""
    edges = np.linspace(0, 1, bins + 1)
    error = 0.0
    for low, high in pairwise(edges):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            gap = abs(correct[inside].mean() - confidence[inside].mean())
            error += inside.mean() * gap
    return error


@pytest.mark.parametrize("bins", [1, 7, 15])
def test_it_is_the_weighted_gap_between_accuracy_and_confidence(bins):
    random = np.random.default_rng(0)
    confidence = random.uniform(0.3, 1, 500)
    correct = random.uniform(size=500) < confidence**2
    gaps = calibration_gaps(confidence, correct, bins)
    (error,) = expected_calibration_error(np.ones((1, 500)) @ gaps, np.array([500.0]))
    assert error == pytest.approx(by_definition(confidence, correct, bins), abs=1e-12)


def test_weights_count_rows():
    random = np.random.default_rng(1)
    confidence = random.uniform(size=60)
    correct = random.uniform(size=60) < 0.5
    weights = random.integers(0, 4, 60)
    repeated = np.repeat(np.arange(60), weights)
    gaps = calibration_gaps(confidence, correct, 10)
    (error,) = expected_calibration_error(weights[None] @ gaps, np.array([weights.sum()]))
    assert error == pytest.approx(
        by_definition(confidence[repeated], correct[repeated], 10), abs=1e-12
    )


def test_confidences_on_the_edges_fall_into_a_bin():
    gaps = calibration_gaps(np.array([0.0, 0.5, 1.0]), np.array([True, True, False]), 2)
    np.testing.assert_array_equal(gaps, [[1, 0], [0.5, 0], [0, -1]])
