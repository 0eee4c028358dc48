"""Agreement of predicted classes and clusters of the target features."""

from __future__ import annotations

from typing import final

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_mutual_info_score

from dakit.builtin.validators.class_ami import ClassAMISpec
from dakit.contracts import BuildContext, ValidationView


@final
class ClassAMI:
    """Adjusted mutual information of predicted classes and clusters."""

    def __init__(self, spec: ClassAMISpec, context: BuildContext) -> None: ...

    def __call__(self, view: ValidationView) -> float:
        """Return the adjusted mutual information, at most 1; 0 where it is not defined."""
        features = view.target_features.double().cpu().numpy()
        if len(features) < 3 or not np.isfinite(features).all():
            return 0.0
        wanted = min(view.target_logits.shape[1], len(np.unique(features, axis=0)))
        clusters = KMeans(wanted, n_init=10, random_state=0).fit_predict(features)
        predicted = view.target_logits.argmax(dim=1).cpu().numpy()
        return float(adjusted_mutual_info_score(predicted, clusters))
