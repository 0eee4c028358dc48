"""Mutual information of target inputs and predictions."""

from __future__ import annotations

import math
from typing import final

import torch

from dakit.builtin.numerics import entropies
from dakit.builtin.validators.information_maximization import InformationMaximizationSpec
from dakit.contracts import BuildContext, ValidationView


@final
class InformationMaximization:
    """Entropy of the mean prediction minus the mean entropy of the predictions."""

    def __init__(self, spec: InformationMaximizationSpec, context: BuildContext) -> None: ...

    def __call__(self, view: ValidationView) -> float:
        """Return ``H(mean_j p_j) - mean_j H(p_j)``, in [0, log C]; 0 where it is not defined."""
        logits = view.target_logits.double()
        marginal = torch.special.entr(logits.softmax(dim=1).mean(dim=0)).sum()
        score = (marginal - entropies(logits).mean()).item()
        return max(score, 0.0) if math.isfinite(score) else 0.0
