"""Mutual information of target inputs and predictions."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor

from dakit.builtin.numerics import entropies, finite_or
from dakit.builtin.validators.information_maximization import InformationMaximizationSpec
from dakit.contracts import BuildContext, ValidationView


@final
class InformationMaximization:
    """Entropy of the mean prediction minus the mean entropy of the predictions."""

    def __init__(self, spec: InformationMaximizationSpec, context: BuildContext) -> None: ...

    def __call__(self, view: ValidationView) -> float:
        """Return ``H(mean_j p_j) - mean_j H(p_j)``, in [0, log C]; 0 where it is not defined."""
        return mutual_information(view.target_logits)


def mutual_information(logits: Tensor) -> float:
    """Return the mutual information of inputs and predictions of ``logits (M, C)``, in nats."""
    logits = logits.double()
    marginal = torch.special.entr(logits.softmax(dim=1).mean(dim=0)).sum()
    return max(finite_or((marginal - entropies(logits).mean()).item(), 0.0), 0.0)
