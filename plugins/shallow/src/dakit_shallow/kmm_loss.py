"""Kernel mean matching (Huang et al. 2007)."""

from __future__ import annotations

from typing import final

import numpy as np
from scipy.spatial.distance import cdist

from dakit.contracts import BuildContext
from dakit_shallow.fitted import FittedTerm
from dakit_shallow.kmm import KMM
from dakit_shallow.rules import Labels, LinearRule, Rows

STEPS = 2000
ENOUGH = 1e-5
"""The accelerated gradient method ends where no weight changes by more in a step."""
HALVINGS = 40


@final
class KMMMethod(FittedTerm):
    """A classifier of source rows that count as they are like the target's; see ``KMM``."""

    def __init__(self, spec: KMM, context: BuildContext) -> None:
        super().__init__()
        self._spec = spec
        strength = spec.inverse_regularization
        self.rule = LinearRule(context.feature_dim, context.num_classes, strength)

    def fit(self, source: Rows, labels: Labels, target: Rows) -> None:
        """Find the weights, then fit the classifier."""
        weights = matching_weights(source, target, self._spec.largest_weight, self._spec.slack)
        self.rule.fit(source, labels, weights)


def matching_weights(source: Rows, target: Rows, largest: float, slack: float) -> Rows:
    """Return the weights ``(n,)`` of the spec ``KMM``, by accelerated projected gradients."""
    within, between = cdist(source, source, "sqeuclidean"), cdist(source, target, "sqeuclidean")
    h = (within.mean() + between.mean()) / 2 or 1.0
    within, between = (np.exp(-squared / (2 * h)) for squared in (within, between))
    pull = len(source) * between.mean(axis=1)
    step = 1 / np.linalg.eigvalsh(within)[-1]
    weights = ahead = np.ones(len(source))
    momentum = 1.0
    for _ in range(STEPS):
        before = weights
        weights = allowed(ahead - step * (within @ ahead - pull), largest, slack)
        faster = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = weights + (momentum - 1) / faster * (weights - before)
        momentum = faster
        if np.abs(weights - before).max() < ENOUGH:
            break
    return weights


def allowed(weights: Rows, largest: float, slack: float) -> Rows:
    """Return the nearest weights in ``[0, largest]`` whose mean is within ``slack`` of 1."""

    def shifted(by: float) -> Rows:
        return np.clip(weights + by, 0, largest)

    mean = shifted(0).mean()
    goal = float(np.clip(mean, 1 - slack, 1 + slack))
    if mean == goal:
        return shifted(0)
    low, high = -float(weights.max()), largest - float(weights.min())
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if shifted(middle).mean() < goal else (low, middle)
    return shifted(high)
