"""Importance weights of source rows, and their losses: what ``iwv`` and ``dev`` share."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor
from torch.nn import functional

from dakit.contracts import ValidationView

LARGEST_LOG = 30.0
"""Of a weight; e^30 is 1e13."""
Floats = NDArray[np.float64]


def weights_and_losses(view: ValidationView, loss: str) -> tuple[Floats, Floats]:
    """Return the weight and the loss of each source validation row, ``(N,)`` both.

    Nothing where the features or losses are not numbers, or a part has no rows.
    """
    assert view.source_train_features is not None  # the specs declare the need
    assert view.target_train_features is not None
    rows = [view.source_train_features, view.target_train_features, view.source_features]
    source, target, scored = (_numpy(each) for each in rows)
    losses = _losses(view.source_logits, view.source_labels, loss)
    usable = all(map(len, (source, target, scored)))
    if not usable or not all(np.isfinite(each).all() for each in (source, target, scored, losses)):
        return np.empty(0), np.empty(0)
    return density_ratio(source, target, scored), losses


def density_ratio(source: Floats, target: Floats, rows: Floats) -> Floats:
    """Return ``(N_s / N_t) P(target | x) / P(source | x)`` of each of ``rows (N, D)``."""
    is_target = np.repeat([0, 1], [len(source), len(target)])
    classifier = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    classifier.fit(np.concatenate([source, target]), is_target)
    log_odds = classifier.decision_function(rows) + np.log(len(source) / len(target))
    weights: Floats = np.exp(np.clip(log_odds, -LARGEST_LOG, LARGEST_LOG))
    return weights


def _losses(logits: Tensor, labels: Tensor, loss: str) -> Floats:
    if loss == "error":
        return _numpy(logits.argmax(dim=1) != labels)
    return _numpy(functional.cross_entropy(logits.double(), labels, reduction="none"))


def _numpy(rows: Tensor) -> Floats:
    found: Floats = rows.detach().to("cpu", torch.float64).numpy()
    return found
