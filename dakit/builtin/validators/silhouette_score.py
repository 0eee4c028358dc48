"""Silhouette of the target features by predicted class."""

from __future__ import annotations

from typing import final

import torch
from sklearn.metrics import silhouette_score

from dakit.builtin.numerics import finite_or
from dakit.builtin.validators.silhouette import SilhouetteSpec
from dakit.contracts import BuildContext, ValidationView


@final
class Silhouette:
    """Silhouette of the target features by predicted class."""

    def __init__(self, spec: SilhouetteSpec, context: BuildContext) -> None: ...

    def __call__(self, view: ValidationView) -> float:
        """Return the mean silhouette, in [-1, 1]; -1 where it is not defined."""
        features, predicted = view.target_features.double(), view.target_logits.argmax(dim=1)
        classes = len(torch.unique(predicted))
        if not 2 <= classes < len(predicted) or not features.isfinite().all():
            return -1.0
        score = silhouette_score(features.cpu().numpy(), predicted.cpu().numpy())
        return finite_or(float(score), -1.0)
