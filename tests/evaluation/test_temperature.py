"""Temperature scaling against scipy, and where it has no answer."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from scipy.special import softmax as scipy_softmax

from dakit.errors import InputError
from dakit.evaluation.temperature import fit_temperature


def overconfident(
    factor: float, classes: int = 3, rows: int = 400
) -> tuple[np.ndarray, np.ndarray]:
    """Logits ``factor`` times those that the labels were drawn with, and the labels."""
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(rows, classes)) * 2
    labels = np.array([rng.choice(classes, p=p) for p in scipy_softmax(logits, axis=1)])
    return factor * logits, labels


@pytest.mark.parametrize(("factor", "classes"), [(3.0, 3), (0.4, 2), (1.0, 5)])
def test_it_is_what_scipy_finds_on_the_logits_themselves(factor: float, classes: int) -> None:
    logits, labels = overconfident(factor, classes)

    def nll(log_t: float) -> float:
        scaled = log_softmax(logits / np.exp(log_t), axis=1)
        return float(-scaled[np.arange(len(labels)), labels].mean())

    found = minimize_scalar(nll, bounds=(-5, 5), method="bounded", options={"xatol": 1e-10})
    fitted = fit_temperature(scipy_softmax(logits, axis=1), labels)
    assert fitted.value == pytest.approx(np.exp(found.x), rel=1e-6)
    assert fitted.value == pytest.approx(factor, rel=0.2)
    assert fitted.nll_before == pytest.approx(nll(0.0), rel=1e-9)
    assert fitted.nll_after == pytest.approx(found.fun, rel=1e-9)
    assert fitted.rows == len(labels)


def test_probabilities_that_float32_rounds_to_0_are_no_obstacle() -> None:
    probabilities = np.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.4]], np.float32)
    assert np.isfinite(fit_temperature(probabilities, np.array([0, 0, 0])).value)


def test_without_a_mistake_there_is_no_temperature() -> None:
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8]])
    with pytest.raises(InputError, match="all 2 source validation images are classified right"):
        fit_temperature(probabilities, np.array([0, 1]))


def test_outputs_that_are_wrong_on_average_have_none_either() -> None:
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8]])
    with pytest.raises(InputError, match="say nothing"):
        fit_temperature(probabilities, np.array([1, 0]))


def test_no_rows() -> None:
    with pytest.raises(InputError, match="there are none"):
        fit_temperature(np.zeros((0, 2)), np.zeros(0, np.int64))
