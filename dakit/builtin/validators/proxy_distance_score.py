"""Proxy A-distance of the domains."""

from __future__ import annotations

from typing import final

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dakit.builtin.validators.proxy_distance import ProxyDistanceSpec
from dakit.contracts import BuildContext, ValidationView

FURTHEST = -2.0


@final
class ProxyDistance:
    """Minus the proxy A-distance of the validation features."""

    def __init__(self, spec: ProxyDistanceSpec, context: BuildContext) -> None: ...

    def __call__(self, view: ValidationView) -> float:
        """Return ``-2 (1 - 2 e)``, in [-2, 0]; -2 below two rows a domain."""
        domains = [
            features.double().cpu().numpy()
            for features in (view.source_features, view.target_features)
        ]
        if min(map(len, domains)) < 2 or not all(np.isfinite(each).all() for each in domains):
            return FURTHEST
        error = (_error(domains, 0) + _error(domains, 1)) / 2
        return 4 * min(error, 1 - error, 0.5) - 2


def _error(domains: list[NDArray[np.float64]], held_out: int) -> float:
    """Return the balanced error on every other row, of what learned on the rows between."""
    (learned, of), (tested, truth) = (
        _labelled([each[half::2] for each in domains]) for half in (1 - held_out, held_out)
    )
    linear = LogisticRegression(class_weight="balanced", max_iter=1000)
    found = make_pipeline(StandardScaler(), linear).fit(learned, of).predict(tested)
    return 1 - float(balanced_accuracy_score(truth, found))


def _labelled(
    domains: list[NDArray[np.float64]],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    return np.concatenate(domains), np.repeat([0, 1], [len(each) for each in domains])
