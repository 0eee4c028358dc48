"""Temperature scaling: one number that makes stated probabilities as sure as they should be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from dakit.errors import InputError

Floats = NDArray[np.float64]

SMALLEST = float(np.finfo(np.float32).smallest_subnormal)
"""Stands for a probability that float32 rounds to 0, where the logarithm would be lost."""
LARGEST_INVERSE = 1e3
PRECISION = 1e-9
SMALLEST_STEP = 1e-15


@final
@dataclass(frozen=True)
class Temperature:
    """The fitted temperature and what it does to the rows it was fitted on."""

    value: float
    rows: int
    nll_before: float
    nll_after: float


def fit_temperature(probabilities: NDArray[np.floating], labels: NDArray[np.int64]) -> Temperature:
    """Return the T > 0 that minimises the mean negative log likelihood of ``labels (N,)``.

    ``NLL(T) = -mean log softmax(z / T)[y]`` (Guo et al. 2017, section 4.2), with ``z = log p`` of
    ``probabilities (N, C)``: logits up to a constant of each row, which softmax does not see. In
    b = 1 / T it is convex, so the root of its derivative ``mean (sum_c p_c z_c - z_y)``, p being
    softmax(b z), is found by the method of Brent (1973).

    Raises InputError where no row is given, or where the likelihood has no maximum: all rows are
    classified right (T would go to 0), or the outputs say nothing of the labels (T to infinity).
    """
    if len(labels) == 0:
        raise InputError("a temperature needs labelled source validation images; there are none")
    logits = np.log(np.maximum(np.asarray(probabilities, np.float64), SMALLEST))
    inverse = _root(logits, labels)
    return Temperature(
        1 / inverse, len(labels), _nll(logits, labels), _nll(inverse * logits, labels)
    )


def _root(logits: Floats, labels: NDArray[np.int64]) -> float:
    if _slope(0.0, logits, labels) >= 0:
        raise InputError(
            "no temperature can be fitted: the outputs say nothing about the labels of the source "
            "validation images; leave --temperature out"
        )
    if _slope(LARGEST_INVERSE, logits, labels) <= 0:
        raise InputError(
            f"no temperature can be fitted: all {len(labels)} source validation images are "
            "classified right, so the likelihood has no maximum; leave --temperature out"
        )
    from scipy.optimize import brentq

    return float(
        brentq(_slope, 0.0, LARGEST_INVERSE, (logits, labels), xtol=SMALLEST_STEP, rtol=PRECISION)
    )


def _slope(inverse: float, logits: Floats, labels: NDArray[np.int64]) -> float:
    from scipy.special import softmax

    expected = (softmax(inverse * logits, axis=1) * logits).sum(axis=1)
    return float((expected - _of_labels(logits, labels)).mean())


def _nll(logits: Floats, labels: NDArray[np.int64]) -> float:
    from scipy.special import log_softmax

    return float(-_of_labels(log_softmax(logits, axis=1), labels).mean())


def _of_labels(logits: Floats, labels: NDArray[np.int64]) -> Floats:
    chosen: Floats = logits[np.arange(len(labels)), labels]
    return chosen
